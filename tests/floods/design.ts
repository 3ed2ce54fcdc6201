/** Streams that are too much for whoever is at the other end. */
import * as d from "../../src/design/mod.ts";

const Chunk = d.Type("Chunk", d.Field(1, "text", d.String), d.Required("text"));
const offer = d.Payload(
  d.Field(1, "bytes", d.Int, "How much is offered, in characters of text"),
  d.Field(2, "size", d.Int, "Characters of each message"),
  d.Required("bytes", "size"),
);

export const floods = d.Service(
  "floods",
  d.Method("up", d.StreamingPayload(Chunk), d.HTTP(d.GET("/up"))),
  d.Method(
    "down",
    offer,
    d.StreamingResult(Chunk),
    d.HTTP(d.GET("/down"), d.Param("bytes"), d.Param("size")),
  ),
  d.Method(
    "events",
    offer,
    d.StreamingResult(Chunk),
    d.HTTP(d.GET("/events"), d.Param("bytes"), d.Param("size"), d.ServerSentEvents()),
  ),
  d.Method("idle", d.StreamingPayload(Chunk), d.StreamingResult(Chunk), d.HTTP(d.GET("/idle"))),
);
