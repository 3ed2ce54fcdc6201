/**
 * What `--help` says, at each level.
 *
 * @module
 */
import type { AttributeModel, CallKind, MethodModel, ServiceModel } from "../design/model.ts";
import { type Row, rowsOf } from "./attribute_rows.ts";
import { exitCodeOf } from "./exit_codes.ts";
import { WHOLE } from "./flags.ts";
import { OPTION_SPECS } from "./options.ts";
import { ServiceError } from "../errors/service_error.ts";

/** Where the help is asked: what stands in front of a service's name in a command. */
export interface HelpPlace {
  /** `design.ts URL`, or `--reflect URL`. */
  readonly before: string;
}

const KINDS: Readonly<Record<CallKind, string>> = {
  unary: "unary",
  server: "streams results",
  client: "takes a stream",
  bidi: "streams both ways",
};

const NAME = "goats";

/** Two columns. */
function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(40, Math.max(0, ...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd()).join("\n");
}

function optionTable(): string {
  return table(
    Object.entries(OPTION_SPECS).map(([name, { short, value, help }]) => [
      `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
      help,
    ]),
  );
}

/** What the command is. */
export function helpOfCommand(): string {
  return `Calls any method of a design, or of a gRPC server that tells what it offers.

Usage, with ${NAME} for "deno run -A jsr:@x/goats/cli":
  ${NAME} DESIGN URL SERVICE METHOD [--attribute value …] [option …]
  ${NAME} --reflect URL [SERVICE [METHOD [--field value …]]] [option …]
  ${NAME} DESIGN [SERVICE [METHOD]] --help

DESIGN is the module of a design; URL is where its services are: http://, https://, ws:// or wss://, grpc:// or
grpcs://. Items of streams are JSON, one per line: those to send on standard input, those that come on standard output.

Options, which may stand anywhere; after METHOD, an attribute of the same name beats them:
${optionTable()}

It exits with 0 when the call ended well, 1 when the command line or the design is wrong, and else by what went wrong:
2 invalid, 3 not found, 4 unauthorized, 5 forbidden, 6 unavailable, 7 timeout, 8 overloaded or too large,
9 unimplemented, 10 fault, 11 canceled by the server, 12 another error of the service, 130 Ctrl-C.`;
}

function methodRow(method: MethodModel): readonly [string, string] {
  const deprecated = method.deprecated ? ", deprecated" : "";
  return [method.name, `(${kindText(method)}${deprecated}) ${method.description ?? ""}`.trimEnd()];
}

function kindText(method: MethodModel): string {
  return isMixed(method) ? "unary; streams results with --stream" : KINDS[method.kind];
}

/** Whether a method has a result and a stream of them. */
export function isMixed({ kind, result }: MethodModel): boolean {
  return kind === "server" && result !== undefined;
}

/** What services there are. */
export function helpOfServices(services: readonly ServiceModel[], { before }: HelpPlace): string {
  const lists = services.map((service) =>
    `${heading(service.name, service.description)}\n${table(Object.values(service.methods).map(methodRow))}`
  );
  const usage = `Usage: ${NAME} ${before} SERVICE METHOD [--attribute value …]`;
  return [...apiText(services), ...lists, usage].join("\n\n");
}

function apiText(services: readonly ServiceModel[]): string[] {
  const api = services[0]?.api;
  if (api === undefined || services.some((service) => service.api !== api)) return [];
  const { title, description } = api;
  return title === undefined ? [] : [heading(title, description)];
}

function heading(name: string, description: string | undefined): string {
  return description === undefined || description === "" ? name : `${name}: ${description}`;
}

/** What methods a service has. */
export function helpOfService(service: ServiceModel, { before }: HelpPlace): string {
  return `${heading(service.name, service.description)}

Methods:
${table(Object.values(service.methods).map(methodRow))}

Usage: ${NAME} ${before} ${service.name} METHOD [--attribute value …]`;
}

/** What a method takes and gives. */
export function helpOfMethod(method: MethodModel, { before }: HelpPlace): string {
  const parts = [
    `${method.service}.${method.name} (${kindText(method)}${method.deprecated ? ", deprecated" : ""})` +
    (method.description === undefined ? "" : `\n${method.description}`),
    `Usage: ${NAME} ${before} ${method.service} ${method.name}${usageOf(method)}`,
  ];
  const add = (title: string, attribute: AttributeModel | undefined, flags: boolean) => {
    if (attribute === undefined) return;
    const rows = rowsOf(attribute, !flags);
    parts.push(`${title}\n${rows.length === 0 ? "  nothing" : attributeTable(rows, flags)}`);
  };
  add("Payload, by flags or with --data:", method.payload, true);
  add("Items, JSON on standard input, one per line:", method.streamingPayload, false);
  const { rawRequest = false, rawResponse = false } = method.http ?? {};
  if (rawRequest) parts.push("Body, as it is: standard input, or --body @FILE");
  if (rawResponse) parts.push("Response body, as it is: standard output");
  add(
    rawResponse ? "Result, on standard error with --verbose:" : "Result, JSON on standard output:",
    method.result,
    false,
  );
  add("Results, JSON on standard output, one per line:", method.streamingResult, false);
  const errors = Object.values(method.errors);
  if (errors.length > 0) {
    parts.push(
      `Errors, on standard error:\n${
        table(errors.map(({ name, description, temporary, timeout, fault }) => [
          name,
          `${description ?? ""} (exit ${
            exitCodeOf(new ServiceError(name, "", { temporary, timeout, fault }), method)
          })`.trimStart(),
        ]))
      }`,
    );
  }
  const hidden = hiddenOptions(method);
  if (hidden.length > 0) {
    const names = hidden.map((name) => `--${name}`).join(", ");
    parts.push(`${names}: after ${method.name} an attribute; the option of that name goes before it.`);
  }
  return parts.join("\n\n");
}

function usageOf(method: MethodModel): string {
  const required = method.payload === undefined ? [] : rowsOf(method.payload)
    .filter(({ path, about }) => path.length === 1 && /\(required\b/.test(about));
  const flags = required.map(({ path, type, boolean }) => ` --${path[0]}${boolean ? "" : ` <${type}>`}`);
  const more = method.payload === undefined ? "" : " [--attribute value …]";
  const body = method.http?.rawRequest ? " < body" : "";
  const input = method.streamingPayload === undefined ? body : " < items.ndjson";
  return `${flags.join("")}${more}${input}`;
}

function attributeTable(rows: readonly Row[], flags: boolean): string {
  const names = rows.map(({ path }) => path.join("."));
  const width = Math.min(30, Math.max(...names.map(({ length }) => length)));
  return table(rows.map(({ path, type, about, boolean }, index) => {
    const name = names[index]!;
    if (!flags) return [path.length === 0 ? type : `${name.padEnd(width)}  ${type}`, about];
    // What is in a list is said in its JSON.
    const flag = name.includes("[]") ? name : `--${name || WHOLE}`;
    if (boolean) return [flag, about];
    const list = type.endsWith("[]");
    return [`${flag} <${list ? type.slice(0, -2) : type}>${list ? " …" : ""}`, about];
  }));
}

function hiddenOptions({ payload }: MethodModel): string[] {
  const names = payload === undefined ? [] : rowsOf(payload).map(({ path }) => path[0] ?? WHOLE);
  return [...new Set(names)].filter((name) => Object.hasOwn(OPTION_SPECS, name));
}
