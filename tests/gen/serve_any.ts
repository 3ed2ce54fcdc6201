/** Serves any design: handlers answer with samples, and with whatever else a caller asks for. */
import { implement } from "../../src/core/implement.ts";
import type { ServiceImplementation } from "../../src/core/endpoint.ts";
import type { ServiceDesign } from "../../src/design/mod.ts";
import type { AttributeModel, MethodModel } from "../../src/design/model.ts";
import { sampleOf } from "../../src/gen/sample.ts";
import { type HttpHandler, httpHandler } from "../../src/http/handler.ts";

// The designs are known at run time alone.
// deno-lint-ignore no-explicit-any
type Loose = any;

/** What a caller wants of a handler: an error, a view, the status of a response; as JSON in a header. */
export interface Want {
  readonly error?: string;
  readonly view?: string;
  readonly status?: string;
}

/** The header. */
export const WANT = "x-test-want";

function wantOf(headers: Headers): Want {
  return JSON.parse(headers.get(WANT) ?? "{}");
}

function sample(attribute: AttributeModel): unknown {
  const value = sampleOf(attribute, "value", { matching: () => [], missing() {} });
  if (value === undefined) throw new TypeError("Cannot serve: a type has no sample");
  return value;
}

function handlerOf(method: MethodModel): (call: Loose) => unknown {
  return async ({ request, stream, setView, error, response, body }: Loose) => {
    const want = wantOf(request.headers);
    if (want.view !== undefined) await (stream?.setView ?? setView)(want.view);
    if (want.error !== undefined) {
      const { attribute } = method.errors[want.error]!;
      throw error(want.error, attribute === undefined ? "as you like" : sample(attribute));
    }
    const tag = method.http?.responses.find(({ status }) => String(status) === want.status)?.tag;
    const result = method.result && sample(method.result);
    const tagged = tag === undefined ? result : { ...result as object, [tag.attribute]: tag.value };
    if (method.http?.rawResponse) {
      response.headers.set("content-type", "text/plain");
      const answer = body ?? new Blob(["raw"]).stream();
      return tagged === undefined ? answer : { result: tagged, body: answer };
    }
    if (method.http?.rawRequest) await body.cancel();
    if (stream === undefined) return tagged;
    if (method.streamingPayload !== undefined) {
      for await (const _item of stream) {
        if (method.streamingResult) await stream.send(sample(method.streamingResult));
      }
      return tagged;
    }
    for (let n = 0; n < 2; n++) await stream.send(sample(method.streamingResult!));
  };
}

/** Implements a design. */
export function implementAny(design: ServiceDesign): ServiceImplementation {
  const handlers = Object.fromEntries(
    Object.values(design.model.methods).map((method) => [method.name, handlerOf(method)]),
  );
  return implement(design, handlers as never);
}

/** The token that a caller shows, whatever the scheme: what samples hold that are in a body, as no scheme tells. */
export const TOKEN = "key";

/** A handler of designs that lets in who shows {@linkcode TOKEN}. */
export function serveAny(designs: readonly ServiceDesign[]): HttpHandler {
  const names = designs.flatMap(({ model }) =>
    Object.values(model.methods).flatMap(({ security = [] }) =>
      security.flatMap(({ schemes }) => schemes.map(({ scheme }) => scheme.name))
    )
  );
  const verify = ({ token, password }: { token: string; password: string }) => {
    if (token !== TOKEN && password !== TOKEN) throw new Error("not you");
    return TOKEN;
  };
  return httpHandler(designs.map(implementAny), {
    auth: Object.fromEntries(names.map((name) => [name, verify])),
  });
}
