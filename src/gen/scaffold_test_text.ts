/**
 * The text of tests that a scaffolded service passes.
 *
 * @module
 */
import { Code, literal } from "./literal.ts";
import {
  callOf,
  clientInterceptors,
  lines,
  moduleOf,
  type Place,
  provesWho,
  sending,
} from "./scaffold_place.ts";
import type { DemoScheme, MethodSamples } from "./scaffold_samples.ts";
import { RAW_TEXT } from "./scaffold_service.ts";

/** Tests of a service, one for each method. */
export function testText(place: Place): string {
  const { service, methods, schemes } = place.samples;
  const { implementation } = place;
  const interceptors = clientInterceptors(place.samples);
  const secured = methods.find((samples) => provesWho(samples) && guessable(samples, schemes));
  const options = [
    ...methods.some(({ method }) => method.security !== undefined) ? ["auth"] : [],
    ...interceptors.length === 0 ? [] : ["declared"],
  ];
  const client = `await using client = memoryClient(${implementation}${
    options.length === 0 ? "" : `, { ${options.join(", ")} }`
  });`;
  const test = (name: string, ...body: string[]) => [
    "",
    `Deno.test(${literal(`${service.name}.${name}`)}, async () => {`,
    client,
    ...body,
    "});",
  ];
  const asserts = [
    ...methods.some(compares) ? ["deepEqual"] : [],
    ...secured === undefined ? [] : ["rejects"],
  ];
  if (methods.length === 0) {
    return lines(
      `import { deepEqual } from "node:assert/strict";`,
      `import { ${implementation} } from "./service.ts";`,
      "",
      `Deno.test(${literal(`${service.name} has no methods of its own`)}, () => {`,
      `deepEqual(${implementation}.endpoints.size, 0);`,
      "});",
    );
  }
  return lines(
    ...asserts.length === 0 ? [] : [`import { ${asserts.join(", ")} } from "node:assert/strict";`],
    `import { memoryClient } from ${moduleOf(place, "testing")};`,
    ...options.includes("auth")
      ? [`import { auth${methods.some(provesWho) ? ", demo" : ""} } from "${place.up}/auth.ts";`]
      : [],
    `import { ${implementation} } from "./service.ts";`,
    ...declaredText(interceptors),
    ...methods.flatMap((samples) => test(samples.method.name, ...checking(samples))),
    ...secured === undefined ? [] : test(`${secured.method.name} refuses strangers`, ...refusing(secured)),
  );
}

/** Interceptors that let everything pass. */
function declaredText(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [
    "",
    `const declared = ${literal(Object.fromEntries(names.map((name) => [name, {}])))};`,
  ];
}

/** Whether any text could be a credential, so that a wrong one is no invalid payload. */
function guessable({ method }: MethodSamples, schemes: ReadonlyMap<string, DemoScheme>): boolean {
  return method.security![0]!.schemes.every(({ scheme }) =>
    Object.values(schemes.get(scheme.name)!.values).every((value) => value === undefined)
  );
}

function compares({ method, result, streamingResult }: MethodSamples): boolean {
  return result !== undefined || streamingResult !== undefined || method.http?.rawResponse === true;
}

function equal(actual: string, expected: unknown): string {
  return `deepEqual(${actual}, ${literal(expected)});`;
}

function checking(samples: MethodSamples): string[] {
  const { method, result, streamingResult } = samples;
  const call = callOf("client", samples);
  if (method.http?.rawResponse) {
    const parts = method.result === undefined ? "body" : "result, body";
    return [
      `const { ${parts} } = await ${call};`,
      ...result === undefined ? [] : [equal("result", result.arrives)],
      equal("await new Response(body).text()", RAW_TEXT),
    ];
  }
  const all = [streamingResult?.arrives];
  switch (method.kind) {
    case "unary":
      return result === undefined ? [`await ${call};`] : [equal(`await ${call}`, result.arrives)];
    case "server":
      if (result === undefined) return [equal(`await Array.fromAsync(${call})`, all)];
      return [
        equal(`await ${call}`, result.arrives),
        equal(`await Array.fromAsync(${callOf("client", samples, "Stream")})`, all),
      ];
    case "client":
      return [
        `const stream = ${call};`,
        ...sending(samples),
        result === undefined ? "await stream.close();" : equal("await stream.closeAndRecv()", result.arrives),
      ];
    case "bidi":
      return [
        `const stream = ${call};`,
        ...sending(samples),
        "await stream.closeSend();",
        equal("await Array.fromAsync(stream)", all),
      ];
  }
}

/** Whoever has other credentials than those of `auth.ts` is refused. */
function refusing(samples: MethodSamples): string[] {
  const { method, payload } = samples;
  const guessed = Object.entries(payload!.sent as Record<string, unknown>).map(([name, value]) =>
    [name, value instanceof Code ? "guessed" : value] as const
  );
  const call = callOf("client", { ...samples, payload: { ...payload!, sent: Object.fromEntries(guessed) } });
  const promise = method.kind === "unary" || method.kind === "server" && method.result !== undefined;
  return [`await rejects(${call}${promise ? "" : ".opened"}, { name: "unauthorized" });`];
}
