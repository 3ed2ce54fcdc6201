import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import type { AttributeModel, ErrorModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { type ErrorJsonCodec, errorJsonCodec } from "./error_json.ts";
import { array, att, field, method, object, user } from "./test_models.ts";

function declare(errors: Record<string, AttributeModel | undefined>): ErrorJsonCodec {
  const models: Record<string, ErrorModel> = {};
  for (const [name, attribute] of Object.entries(errors)) {
    models[name] = {
      name,
      temporary: name === "busy",
      timeout: false,
      fault: false,
      ...(attribute && { attribute }),
    };
  }
  return errorJsonCodec(method({ errors: models }));
}

const flat = att(
  user(
    "NotFound",
    object(field("message!", "string"), field("at!", "int64"), field("n", "int", { default: 3 })),
  ),
);
const nested = att(user("Named", object(field("name!", "string"), field("bytes", "bytes"))));
const codec = declare({ not_found: flat, named: nested, list: att(array(att("int"))), busy: undefined });

function parts(error: ServiceError | undefined) {
  assertInstanceOf(error, ServiceError);
  const { name, id, message, temporary, timeout, fault, data } = error;
  return { name, id, message, temporary, timeout, fault, data };
}

Deno.test("an error without data is its six fields", () => {
  const error = new ServiceError("busy", "try later", { id: "abcdefgh", temporary: true, cause: "secret" });
  const text = codec.encode(error);
  assertEquals(
    text,
    '{"name":"busy","id":"abcdefgh","message":"try later","temporary":true,"timeout":false,"fault":false}',
  );
  assertEquals(parts(codec.decode(text)), parts(error));
  const unknown = new ServiceError("who_knows", "x", { timeout: true, fault: true });
  assertEquals(parts(codec.decode(codec.encode(unknown))), parts(unknown));
});

Deno.test("a declared type's fields stand beside them, its message is the error's", () => {
  const error = new ServiceError("not_found", "ignored", {
    id: "abcdefgh",
    data: { message: "no such bottle", at: 9007199254740993n, other: 1 },
  });
  const text = codec.encode(error);
  assertEquals(
    text,
    '{"name":"not_found","id":"abcdefgh","message":"no such bottle","temporary":false,"timeout":false,"fault":false,' +
      '"at":9007199254740993,"n":3}',
  );
  const rebuilt = parts(codec.decode(text));
  assertEquals(rebuilt.message, "no such bottle");
  assertEquals(rebuilt.data, { message: "no such bottle", at: 9007199254740993n, n: 3 });
  assertEquals(codec.problem(error), undefined);
});

Deno.test("a type whose names collide, or that is no object, goes under data", () => {
  const named = new ServiceError("named", "m", {
    id: "i",
    data: { name: "bob", bytes: new Uint8Array([1]) },
  });
  assertEquals(codec.toJson(named).data, { name: "bob", bytes: "AQ==" });
  assertEquals(parts(codec.decode(codec.encode(named))), parts(named));
  const list = new ServiceError("list", "m", { id: "i", data: [1, 2] });
  assertEquals(parts(codec.decode(codec.encode(list))), parts(list));
});

Deno.test("bodies of Goa's servers: no name, flags or id, told by header", () => {
  const error = parts(codec.decode('{"message":"gone","at":5}', { name: "not_found", status: 404 }));
  assertEquals(error.name, "not_found");
  assertEquals(error.message, "gone");
  assertEquals(error.data, { message: "gone", at: 5n, n: 3 });
  assertEquals(parts(codec.decode('{"name":"bob"}', { name: "named" })).data, { name: "bob" });
  assert(parts(codec.decode("{}", { name: "busy" })).temporary);
});

Deno.test("what is no error's body is undefined, what is half one is still an error", () => {
  for (
    const text of [
      "",
      "null",
      "[]",
      "5",
      "<html>",
      "{}",
      '{"name":"x"}',
      '{"message":"x"}',
      '{"name":5,"message":"x"}',
    ]
  ) {
    assertEquals(codec.decode(text), undefined, text);
  }
  const odd = parts(codec.decode('{"name":"not_found","message":"m","at":"x","id":7,"temporary":"yes"}'));
  assertEquals([odd.name, odd.message, odd.data, odd.temporary], ["not_found", "m", undefined, false]);
  assertEquals(odd.id.length, 8);
  assertEquals(parts(codec.decode('{"name":"__proto__","message":"constructor"}')).name, "__proto__");
});

Deno.test("data that cannot be sent is told, and left out", () => {
  const error = new ServiceError("not_found", "m", { data: { at: 5 } });
  assertEquals(codec.problem(error)?.name, "missing_field");
  assertEquals(codec.toJson(error).at, undefined);
  assertEquals(codec.problem(new ServiceError("not_found", "m"))?.name, "invalid_field_type");
});

Deno.test("short forms fit, and name and id survive", () => {
  const size = (text: string) => new TextEncoder().encode(text).length;
  const messages = [
    "",
    "m",
    "é".repeat(500),
    "\u{1f600}".repeat(500),
    '"\\\n'.repeat(200),
    "x".repeat(1e6),
    "a\ud800b",
  ];
  for (const message of messages) {
    for (const fault of [false, true]) {
      const error = new ServiceError("not_found", message, { fault, data: { message, at: 2n ** 60n } });
      const text = codec.encodeShort(error, 123);
      assert(size(text) <= 123, text);
      const rebuilt = parts(codec.decode(text));
      assertEquals([rebuilt.name, rebuilt.id, rebuilt.fault], ["not_found", error.id, fault]);
      assert(message.toWellFormed().startsWith(rebuilt.message), rebuilt.message);
      assert(rebuilt.message.isWellFormed());
      if (message.length > 100) assert(rebuilt.message.length > 5);
    }
  }
  const whole = new ServiceError("list", "m", { id: "i", data: [1] });
  assertEquals(codec.encodeShort(whole, 200), codec.encode(whole));
  const long = new ServiceError("n".repeat(300), "m");
  for (const limit of [123, 60, 40, 10, 2]) assert(size(codec.encodeShort(long, limit)) <= limit);
  assertEquals(parts(codec.decode(codec.encodeShort(long, 123))).id, long.id);
});
