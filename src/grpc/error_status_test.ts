import { assert, assertEquals } from "@std/assert";
import { protoService } from "../codec/proto.ts";
import {
  CodeAborted,
  CodeNotFound,
  CodeOK,
  Error,
  Field,
  GRPC,
  Int64,
  Method,
  Required,
  Response,
  Service,
  String,
  Temporary,
  Timeout,
  Type,
} from "../design/mod.ts";
import { builtinError, VALIDATION_NAMES } from "../errors/builtin.ts";
import { ServiceError, type ServiceErrorOptions } from "../errors/service_error.ts";
import { codeOf, errorOfCode } from "./codes.ts";
import { statusOf } from "./error_status.ts";
import { decodeStatus } from "./status_decode.ts";
import { encodeStatus } from "./status_details.ts";
import { errorOf } from "./status_error.ts";

const Missing = Type("Missing", Field(1, "id", Int64), Field(2, "name", String), Required("id"));

const shelf = Service(
  "shelf",
  Error("gone", Missing),
  Method(
    "take",
    Error("not_found", Missing),
    Error("clash"),
    Error("overloaded", "declared, so that its flags count and not its name", Temporary()),
    Error("late", Timeout()),
    GRPC(Response(CodeOK), Response("not_found", CodeNotFound), Response("clash", CodeAborted)),
  ),
);
const take = protoService(shelf.model).methods.take!;

function code(name: string, options?: ServiceErrorOptions): number {
  return codeOf(new ServiceError(name, "why", options), take.model);
}

Deno.test("codes: by the design, then by name, then by flags", () => {
  assertEquals([code("not_found"), code("clash"), code("gone")], [5, 10, 2]);
  for (const name of VALIDATION_NAMES) assertEquals(code(name), 3, name);
  const builtin = [
    "unauthorized",
    "forbidden",
    "timeout",
    "unavailable",
    "too_large",
    "canceled",
    "unimplemented",
  ];
  assertEquals(builtin.map((name) => code(name)), [16, 7, 4, 14, 8, 1, 12]);
  assertEquals(codeOf(builtinError("fault", "why"), take.model), 13);
  assertEquals([code("overloaded"), code("overloaded", { temporary: true })], [2, 14]);
  assertEquals(code("other", { timeout: true, fault: true, temporary: true }), 4, "Goa's order");
  assertEquals([code("other", { fault: true, temporary: true }), code("other", { temporary: true })], [
    13,
    14,
  ]);
  assertEquals([code("other"), code("constructor"), code("__proto__")], [2, 2, 2]);
});

Deno.test("errors without details: by the design where none but a service raises the code, else by code", () => {
  const named = (code: number, message = "why") => errorOfCode(code, message, take.model).name;
  assertEquals(named(10), "clash");
  assertEquals(named(8), "overloaded");
  assertEquals(named(8, "Received message larger than max (5 vs. 4)"), "too_large");
  assertEquals([named(4), named(14), named(16), named(99), named(-1), named(0)], [
    "timeout",
    "unavailable",
    "unauthorized",
    "unknown",
    "unknown",
    "fault",
  ]);
  const { timeout, temporary, fault } = errorOfCode(13, "why", take.model);
  assertEquals({ timeout, temporary, fault }, { timeout: false, temporary: false, fault: true });
});

function there(error: ServiceError): ServiceError {
  const status = statusOf(error, take, new Headers());
  return errorOf(status, take, new Headers());
}

function fields({ name, id, message, temporary, timeout, fault, data }: ServiceError): object {
  return { name, id, message, temporary, timeout, fault, data };
}

Deno.test("an error is the same at the other end", () => {
  const errors = [
    new ServiceError("clash", "größer 😀 100 %"),
    new ServiceError("anything", "", { id: "", temporary: true, timeout: true, fault: true }),
    new ServiceError("not_found", "no", { data: { id: -1n, name: "x" } }),
    new ServiceError("gone", "no", { data: { id: 9_007_199_254_740_993n } }),
    builtinError("unavailable", "down"),
  ];
  for (const error of errors) assertEquals(fields(there(error)), fields(error));
});

Deno.test("data that the design does not allow is left out, the error is told", () => {
  const error = new ServiceError("not_found", "no", { id: "abc", data: { id: "x" } });
  assertEquals(fields(there(error)), { ...fields(error), data: undefined });
});

Deno.test("what is too long is shortened: data first, then the message", () => {
  const huge = "größe ".repeat(20_000);
  const data = there(new ServiceError("not_found", "no", { id: "abc", data: { id: 1n, name: huge } }));
  assertEquals([data.name, data.id, data.message, data.data], ["not_found", "abc", "no", undefined]);
  const long = there(new ServiceError("clash", huge, { id: "abc", fault: true }));
  assertEquals([long.name, long.id, long.fault], ["clash", "abc", true]);
  assert(
    long.message.endsWith("…") && huge.startsWith(long.message.slice(0, -1)) && long.message.length > 1000,
  );
  const status = statusOf(new ServiceError("clash", huge), take, new Headers());
  assert(encodeURI(status.message).length + status.details!.length * 4 / 3 < 6 * 1024);
});

Deno.test("details that are no protobuf say nothing; one that is none of ours neither", () => {
  const status = { code: 5, message: "why", trailers: new Headers() };
  for (
    const details of [
      Uint8Array.of(255, 255, 255),
      encodeStatus(5, "why", [{ type: "goapb.ErrorResponse", value: Uint8Array.of(10, 200) }]),
      encodeStatus(5, "why", [{ type: "shelf.TakeNotFoundError", value: Uint8Array.of(255) }]),
      encodeStatus(5, "why", [{ type: "google.rpc.RetryInfo", value: new Uint8Array() }]),
    ]
  ) {
    const { name, message } = errorOf({ ...status, details }, take, new Headers());
    assertEquals([name, message], ["not_found", "why"]);
  }
});

Deno.test("a status is read whatever else is in it", () => {
  const detail = { type: "a.B", value: Uint8Array.of(1, 2) };
  const status = encodeStatus(5, "why", [detail, { type: "c.D", value: new Uint8Array() }]);
  const unknown = Uint8Array.of(0x78, 1, 0x7a, 2, 9, 9);
  assertEquals(decodeStatus(new Uint8Array([...unknown, ...status]))[0]?.type, "a.B");
  assertEquals([...decodeStatus(status)[0]!.value], [1, 2]);
});
