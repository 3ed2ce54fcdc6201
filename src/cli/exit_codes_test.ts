import { assertEquals } from "@std/assert";
import { method } from "../codec/test_models.ts";
import type { ErrorModel } from "../design/model.ts";
import { VALIDATION_NAMES } from "../errors/builtin.ts";
import { ServiceError, type ServiceErrorOptions } from "../errors/service_error.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";
import { UsageError } from "./usage_error.ts";

const error = (name: string, options?: ServiceErrorOptions) => new ServiceError(name, "", options);
const declared = (name: string): ErrorModel => ({ name, temporary: false, timeout: false, fault: false });

Deno.test("errors exit by their name, else by their flags", () => {
  assertEquals(exitCodeOf(new UsageError("")), EXIT.usage);
  assertEquals(exitCodeOf(new TypeError("")), EXIT.usage);
  for (const name of VALIDATION_NAMES) assertEquals(exitCodeOf(error(name)), EXIT.invalid);
  assertEquals(exitCodeOf(error("unauthorized")), EXIT.unauthorized);
  assertEquals(exitCodeOf(error("constructor")), EXIT.other);
  assertEquals(exitCodeOf(error("mine")), EXIT.other);
  assertEquals(exitCodeOf(error("mine", { temporary: true })), EXIT.unavailable);
  assertEquals(exitCodeOf(error("mine", { temporary: true, timeout: true })), EXIT.timeout);
  assertEquals(exitCodeOf(error("mine", { timeout: true, fault: true })), EXIT.fault);
});

Deno.test("declared errors exit as the design maps them, whatever they are called", () => {
  const response = { headers: [] };
  const called = method({
    name: "m",
    kind: "unary",
    errors: {
      gone: declared("gone"),
      busy: declared("busy"),
      timeout: declared("timeout"),
      odd: declared("odd"),
    },
    http: {
      routes: [],
      query: [],
      headers: [],
      cookies: [],
      responses: [],
      errors: { gone: { ...response, status: 410 }, timeout: { ...response, status: 409 } },
    },
    grpc: {
      code: 0,
      errors: { busy: 8, gone: 13 },
      metadata: [],
      request: {},
      response: { headers: [], trailers: [] },
      errorResponses: {},
    },
  });
  assertEquals(exitCodeOf(error("gone"), called), EXIT.notFound);
  assertEquals(exitCodeOf(error("busy"), called), EXIT.overloaded);
  // 409 has no class of its own: then the name counts.
  assertEquals(exitCodeOf(error("timeout"), called), EXIT.timeout);
  assertEquals(exitCodeOf(error("odd"), called), EXIT.other);
});
