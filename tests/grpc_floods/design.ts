/** Streams that are more than whoever is at the other end will take. */
import * as d from "../../src/design/mod.ts";

const Chunk = d.Type("Chunk", d.Field(1, "data", d.Bytes), d.Required("data"));
const offered = d.GRPC(d.Response(d.CodeOK));

export const grpcFloods = d.Service(
  "grpc_floods",
  d.Method(
    "up",
    d.StreamingPayload(Chunk),
    d.Result(d.Field(1, "bytes", d.Int64), d.Required("bytes")),
    offered,
  ),
  d.Method(
    "down",
    d.Payload(
      d.Field(1, "bytes", d.Int64, "How much is sent"),
      d.Field(2, "size", d.Int, "Bytes of each message"),
      d.Required("bytes", "size"),
    ),
    d.StreamingResult(Chunk),
    offered,
  ),
);
