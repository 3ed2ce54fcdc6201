/**
 * The text of a service that does what its design says, by example.
 *
 * @module
 */
import type { AttributeModel, TypeModel } from "../design/model.ts";
import { key, literal } from "./literal.ts";
import { comment, designImport, lines, moduleOf, type Place } from "./scaffold_place.ts";
import type { MethodSamples } from "./scaffold_samples.ts";

/** The implementation of a service. */
export function serviceText(place: Place): string {
  const { service, methods } = place.samples;
  const declared = [
    ...new Set(methods.flatMap(({ method }) => (method.serverInterceptors ?? []).map(({ name }) => name))),
  ];
  return lines(
    "/**",
    ` * The service ${service.name}: what its methods do here fits the design, and is an example. Put yours in its place.`,
    " *",
    " * @module",
    " */",
    `import { implement } from "${place.goats}";`,
    ...methods.some(exact) ? [`import type { ResultOf } from ${moduleOf(place, "design")};`] : [],
    designImport(place),
    "",
    ...comment(service.description ?? `Implements ${service.name}.`),
    `export const ${place.implementation} = implement(${place.local}, {`,
    ...methods.flatMap((
      samples,
    ) => [...comment(samples.method.description), ...handler(samples, place.local)]),
    declared.length === 0 ? "});" : "}, {",
    ...declared.length === 0 ? [] : [
      "// The interceptors that the design declares: these let everything pass.",
      `declared: ${literal(Object.fromEntries(declared.map((name) => [name, {}])))},`,
      "});",
    ],
  );
}

/** What takes messages, and does nothing with them. */
function taking(name: string, from: string): string[] {
  return [`for await (const ${name} of ${from}) {`, "// Here is what came in.", "}"];
}

/** Whether a compiler must be told the type of a result, or it takes the literals of an Enum or a OneOf for any text. */
function exact({ method: { result } }: MethodSamples): boolean {
  return result !== undefined && hasLiterals(result, new Set());
}

function hasLiterals({ type, validation }: AttributeModel, seen: Set<TypeModel>): boolean {
  if (validation.enum !== undefined || type.kind === "union") return true;
  if (seen.has(type)) return false;
  seen.add(type);
  switch (type.kind) {
    case "array":
      return hasLiterals(type.elem, seen);
    case "map":
      return hasLiterals(type.key, seen) || hasLiterals(type.elem, seen);
    case "object":
      return type.attributes.some((attribute) => hasLiterals(attribute, seen));
    case "user":
      return hasLiterals(type.attribute, seen);
    default:
      return false;
  }
}

function handler(samples: MethodSamples, design: string): string[] {
  const { method, result } = samples;
  const name = key(method.name);
  const type = `ResultOf<typeof ${design}, ${literal(method.name)}, "in">`;
  const typed = exact(samples) ? [`const result: ${type} = ${literal(result!.sent)};`] : [];
  const value = exact(samples) ? "result" : literal(result?.sent);
  const answer = result === undefined ? [] : [...typed, `return ${value};`];
  const { rawRequest, rawResponse } = method.http ?? {};
  if (rawRequest || rawResponse) {
    const body = `new Blob([${literal(RAW_TEXT)}]).stream()`;
    return [
      `${rawRequest ? "async " : ""}${name}(${rawRequest ? "{ body }" : ""}) {`,
      ...rawRequest ? taking("_chunk", "body") : [],
      ...rawResponse
        ? [...typed, `return ${result === undefined ? body : `{ result: ${value}, body: ${body} }`};`]
        : answer,
      "},",
    ];
  }
  const streamed = literal(samples.streamingResult?.sent);
  switch (method.kind) {
    case "bidi":
      return [
        `async ${name}({ stream }) {`,
        `for await (const _message of stream) await stream.send(${streamed});`,
        "},",
      ];
    case "client":
      return [`async ${name}({ stream }) {`, ...taking("_message", "stream"), ...answer, "},"];
    case "server": // `send` types what is in it; what a generator yields would lose the literals of an Enum
      return [
        `async ${name}({ stream }) {`,
        ...result === undefined ? [] : ["if (stream === undefined) {", ...answer, "}"],
        `await stream.send(${streamed});`,
        "},",
      ];
    case "unary":
      return [`${name}() {`, ...result === undefined ? ["// Here is what it does."] : answer, "},"];
  }
}

/** What a raw response body holds. */
export const RAW_TEXT = "some bytes";
