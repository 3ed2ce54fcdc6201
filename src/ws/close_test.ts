import { assert, assertEquals } from "@std/assert";
import { method } from "../codec/test_models.ts";
import { shutdownError } from "../core/active_calls.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { isLost } from "../core/lost.ts";
import { clientClose, closeError, isDropped, isNormal, serverClose } from "./close.ts";

const flags = { temporary: false, timeout: false, fault: false };
const declared = method({
  errors: {
    too_large: { name: "too_large", ...flags },
    gone: { name: "gone", ...flags },
    lost: { name: "lost", ...flags },
    odd: { name: "odd", ...flags },
  },
  http: {
    routes: [],
    query: [],
    headers: [],
    cookies: [],
    responses: [],
    errors: {
      too_large: { status: 422, headers: [] },
      gone: { status: 410, headers: [] },
      lost: { status: 404, headers: [] },
      odd: { status: 404, headers: [] },
    },
  },
});
const plain = method({});

Deno.test("a design that declares a built-in name maps it its own way", () => {
  assertEquals(serverClose(builtinError("too_large", "x"), declared).code, 4422);
  assertEquals(serverClose(builtinError("too_large", "x"), plain).code, 1009);
});

Deno.test("only the server's own shutdown is going away", () => {
  assertEquals(serverClose(shutdownError(), plain).code, 1001);
  assertEquals(serverClose(builtinError("unavailable", "x"), plain).code, 4503);
});

Deno.test("a client sends only codes that it may send", () => {
  for (const name of ["too_large", "overloaded", "unavailable", "canceled"] as const) {
    const { code, reason } = clientClose(builtinError(name, "€".repeat(200)), plain);
    assert(code >= 4400 && code < 4600);
    assert(new TextEncoder().encode(reason).length <= 123);
  }
});

Deno.test("a close without reason stands for the one declared error of its status", () => {
  assertEquals(closeError(4410, "", declared)?.name, "gone");
  assertEquals(closeError(4404, "", declared)?.name, "error");
  assertEquals(closeError(1000, "whatever", declared), undefined);
});

Deno.test("what goes out comes back", () => {
  for (const error of [new ServiceError("gone", "m"), builtinError("timeout", "t"), shutdownError()]) {
    const { code, reason } = serverClose(error, declared);
    const back = closeError(code, reason, declared)!;
    assertEquals([back.name, back.id, back.message], [error.name, error.id, error.message]);
    assertEquals([back.temporary, back.timeout], [error.temporary, error.timeout]);
  }
});

Deno.test("normal and dropped", () => {
  assertEquals([1000, 1005, 1001, 0, 1006].map(isNormal), [true, true, false, false, false]);
  assertEquals([1000, 1005, 1001, 0, 1006].map(isDropped), [false, true, false, true, true]);
});

Deno.test("what is lost is told from what a server says", () => {
  for (const code of [0, 1001, 1005, 1006, 1012, 1014]) {
    assert(isLost(closeError(code, "", declared)), String(code));
  }
  const own = JSON.stringify({ name: "unavailable", message: "not now", temporary: true });
  assert(isLost(closeError(1001, own, declared)));
  assert(!isLost(closeError(4503, own, declared)));
  for (const code of [1002, 1008, 1009, 1011, 1013, 4503]) {
    assert(!isLost(closeError(code, "", declared)), String(code));
  }
});
