/** Designs that nobody would write: of random types, and with names that mean something else where they go. */
import fc from "fast-check";
import * as d from "../../src/design/mod.ts";
import type { ServiceDesign } from "../../src/design/mod.ts";
import { partOf, specs } from "../random_types.ts";

// The designs are made at run time, so the compiler knows nothing of their types.
// deno-lint-ignore no-explicit-any
type Loose = any;
const words: Loose = d;

/** Of types that fast-check makes, always the same. */
export const randomDesigns: readonly ServiceDesign[] = fc.sample(specs, { seed: 6, numRuns: 60 }).map(
  (spec, index) => {
    const counter = { n: 0 };
    const root = () => words.Type(`Root${++counter.n}`, words.Field(1, "v", ...partOf(spec, counter)));
    const type = root();
    return words.Service(
      `random ${index}`,
      words.Method("send", words.Payload(type), words.Result(root()), d.HTTP(d.POST("/send")), d.GRPC()),
      words.Method(
        "talk",
        words.StreamingPayload(type),
        words.StreamingResult(type),
        d.HTTP(d.GET("/talk")),
        d.GRPC(),
      ),
    );
  },
);

const Promised = d.Type(
  "Promise",
  d.Field(1, "then", d.String),
  d.Field(2, "constructor", d.Int, d.Default(0)),
);
const Listing = d.Type("ListPayload", d.Field(1, "of", d.ArrayOf(Promised)));
const Inner = d.Type(
  "value",
  d.Field(1, "message", d.String),
  d.Field(2, "inner_outer", d.Field(1, "x", d.Bytes)),
);
const Outer = d.Type("InnerOuter", d.Field(1, "y", d.Bytes), d.Field(2, "value", Inner));
const Again = d.Type("String", d.String, d.MinLength(1));

/** With names of the languages that they are written into. */
export const oddDesigns: readonly ServiceDesign[] = [
  words.Service(
    "class",
    'With "quotes", `ticks`, ${templates}, <tags>, \\ and */ in it',
    d.Error("delete", Promised),
    d.Error("close", d.Field(1, "why", Again, "*/ let x")),
    words.Method("list", d.Payload(Promised), d.Result(Listing), d.HTTP(d.POST("/1")), d.GRPC()),
    words.Method("List", d.Payload(Listing), d.Result(Promised), d.HTTP(d.POST("/2"))),
    words.Method("constructor", d.Payload(Outer), d.Result(Inner), d.HTTP(d.POST("/3")), d.GRPC()),
    words.Method("__proto__", d.Payload(Again), d.HTTP(d.POST("/4")), d.GRPC()),
    words.Method("get/all-things", d.Result(d.MapOf(Again, Outer)), d.HTTP(d.GET("/5"))),
    words.Method(
      "1st",
      d.Payload(d.Field(1, "__proto__", d.String), d.Field(2, "größe", d.Int), d.Field(3, "a b", d.Any)),
      d.Result(d.Field(1, "1", d.Bytes)),
      d.HTTP(d.POST("/6")),
    ),
    words.Method(
      "close",
      d.StreamingPayload(d.Field(1, "CallOptions", d.String, d.Enum('a"b', "c\\d", "*/"))),
      d.StreamingResult(d.Type("CallOptions", d.Field(1, "n", d.Int))),
      d.HTTP(d.GET("/7")),
      d.GRPC(),
    ),
  ),
];
