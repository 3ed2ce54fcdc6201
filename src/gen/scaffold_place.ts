/**
 * Where what `scaffold` writes for a service stands, what it is called there, and what its files share.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { Code, literal, property } from "./literal.ts";
import type { MethodSamples, ServiceSamples } from "./scaffold_samples.ts";

/** A service, its samples, and its names in the files written for it. */
export interface Place {
  /** The service and its samples. */
  readonly samples: ServiceSamples;
  /** Folder of its files, `"."` or `"./name"`. */
  readonly folder: string;
  /** What leads from there to what services share: `"."` or `".."`. */
  readonly up: string;
  /** Specifier of the design, from that folder. */
  readonly design: string;
  /** What the design is exported as. */
  readonly exported: string;
  /** What it is called where it is imported. */
  readonly local: string;
  /** What its implementation is called. */
  readonly implementation: string;
  /** Specifier of this package, as the design has it: `"@x/goats"`, or `"jsr:@x/goats@^0.1.0"`. */
  readonly goats: string;
}

/** Joins lines, with a line feed at the end. */
export function lines(...all: readonly string[]): string {
  return all.join("\n") + "\n";
}

/** A doc comment of a description, if there is one. */
export function comment(description: string | undefined): string[] {
  const text = (description ?? "").trim().replaceAll("*/", "* /").split(/\r?\n/);
  if (text.length > 1) return ["/**", ...text.map((line) => ` * ${line}`.trimEnd()), " */"];
  return text[0] === "" ? [] : [`/** ${text[0]} */`];
}

/** Imports the design. */
export function designImport({ design, exported, local }: Place): string {
  if (exported === "default") return `import ${local} from ${JSON.stringify(design)};`;
  const names = exported === local ? local : `${exported} as ${local}`;
  return `import { ${names} } from ${JSON.stringify(design)};`;
}

/** Whether a sample has the credentials of `auth.ts` in it. */
export function provesWho({ payload }: MethodSamples): boolean {
  const sent = payload?.sent;
  return typeof sent === "object" && sent !== null && Object.values(sent).some((one) => one instanceof Code);
}

/** The specifier of a module of this package: `"@x/goats/testing"`. */
export function moduleOf({ goats }: Place, module: string): string {
  return JSON.stringify(`${goats}/${module}`);
}

/** A call of a method through a client, with its sample. */
export function callOf(client: string, samples: MethodSamples, suffix = ""): string {
  const { method, payload } = samples;
  const args = payload === undefined ? [] : [literal(payload.sent)];
  if (method.http?.rawRequest) args.push("{ body: new Uint8Array([1, 2, 3]) }");
  return `${client}${property(method.name + suffix)}(${args.join(", ")})`;
}

/** What goes before the end of the caller's side, if it has one: a message is sent. */
export function sending({ method, streamingPayload }: MethodSamples): string[] {
  return method.streamingPayload === undefined
    ? []
    : [`await stream.send(${literal(streamingPayload!.sent)});`];
}

/** The names of interceptors that a service's callers must have. */
export function clientInterceptors({ methods }: ServiceSamples): readonly string[] {
  const names = (method: MethodModel) => (method.clientInterceptors ?? []).map(({ name }) => name);
  return [...new Set(methods.flatMap(({ method }) => names(method)))];
}
