import { implement } from "../../mod.ts";
import {
  CodeOK,
  Field,
  GRPC,
  Int,
  Method,
  Payload,
  Required,
  Response,
  Result,
  Service,
  StreamingResult,
} from "../../src/design/mod.ts";

const n = Payload(Field(1, "n", Int), Required("n"));

export const calc = Service(
  "calc",
  Method("double", n, Result(Int), GRPC(Response(CodeOK))),
  Method("count", n, StreamingResult(Int), GRPC(Response(CodeOK))),
);

export const calcService = implement(calc, {
  double: ({ payload }) => payload.n * 2,
  async *count({ payload }) {
    for (let i = 1; i <= payload.n; i++) yield i;
  },
});
