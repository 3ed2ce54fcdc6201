/** A service with one method for each kind of stream, and for each way that server streams travel. */
import * as d from "../../src/design/mod.ts";

const Item = d.Type(
  "Item",
  d.Field(1, "seq", d.Int, "Place in its direction, from 0"),
  d.Field(2, "text", d.String),
  d.Required("seq", "text"),
);
/** Which run of the test a call belongs to. */
const run = d.Payload(d.Field(1, "run", d.Int), d.Required("run"));

export const faults = d.Service(
  "faults",
  d.Method("down", run, d.StreamingResult(Item), d.HTTP(d.GET("/down/{run}"))),
  d.Method(
    "up",
    run,
    d.StreamingPayload(Item),
    d.Result(d.Field(1, "count", d.Int), d.Required("count")),
    d.HTTP(d.GET("/up/{run}")),
  ),
  d.Method("push", run, d.StreamingPayload(Item), d.HTTP(d.GET("/push/{run}"))),
  d.Method(
    "both",
    run,
    d.StreamingPayload(Item),
    d.StreamingResult(Item),
    d.HTTP(d.GET("/both/{run}")),
  ),
  d.Method("events", run, d.StreamingResult(Item), d.HTTP(d.GET("/events/{run}"), d.ServerSentEvents())),
  d.Method("again", d.Idempotent(), run, d.StreamingResult(Item), d.HTTP(d.GET("/again/{run}"))),
  d.Method(
    "eventsAgain",
    d.Idempotent(),
    run,
    d.StreamingResult(Item),
    d.HTTP(d.GET("/events-again/{run}"), d.ServerSentEvents()),
  ),
);
