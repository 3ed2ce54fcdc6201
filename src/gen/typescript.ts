/**
 * `<service>.ts`: the types of a service written out, for packages that publish their design (JSR takes no types that
 * must be inferred) and for people who read what a service takes and gives.
 *
 * @module
 */
import type { MethodModel, ServiceModel } from "../design/model.ts";
import type { RequirementModel } from "../design/security_model.ts";
import type { GenDesign, GeneratedFile } from "./files.ts";
import { serviceFile } from "./service_file.ts";
import { linesOf, mark } from "./told.ts";
import { joined, jsDoc, textLines } from "./ts_doc.ts";
import { declareMethods, isLeavable, type MethodNames } from "./ts_methods.ts";
import { CLIENT_TYPES, DESIGN_TYPES, pascal, propertyKey } from "./ts_names.ts";
import { type Sides, typeWriter } from "./ts_types.ts";

/** Makes the TypeScript file of each service. */
export function typescriptFiles({ services }: GenDesign): readonly GeneratedFile[] {
  return services.map((service) => ({ path: serviceFile(service, "ts"), text: serviceText(service) }));
}

/** Names of what stands for the whole service. */
interface ServiceNames {
  readonly client: string;
  readonly methods: string;
  readonly design: string;
  readonly auth: string;
}

function serviceText(service: ServiceModel): string {
  const writer = typeWriter();
  const base = pascal(service.name);
  const names: ServiceNames = {
    client: writer.take(`${base}Client`),
    methods: writer.take(`${base}Methods`),
    design: writer.take(`${base}Design`),
    auth: writer.take(`${base}Auth`),
  };
  const methods = declareMethods(service, writer);
  const blocks = [
    clientBlock(service, methods, names),
    ...writer.declarations,
    ...authBlock(service, names),
    methodsBlock(service, methods, names),
    designBlock(service, names),
  ].map((lines) => lines.join("\n"));
  const body = blocks.join("\n\n");
  return [
    // No formatter knows how wide others want their lines.
    `// ${mark(service.name)}`,
    "// deno-fmt-ignore-file",
    "// deno-lint-ignore-file",
    "",
    ...jsDoc(joined([
      [`Types of the service \`${service.name}\`, written out.`],
      textLines(service.description),
      ["@module"],
    ])),
    ...imports(body),
    "",
    `${body}\n`,
  ].join("\n");
}

function imports(body: string): string[] {
  const used = (names: readonly string[]) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const line = (names: readonly string[], from: string) =>
    names.length === 0 ? [] : [`import type { ${names.join(", ")} } from "${from}";`];
  return [
    ...line(used(CLIENT_TYPES), "@x/goats/client"),
    ...line(used(DESIGN_TYPES), "@x/goats/design"),
  ];
}

// ---- The client ----

function clientBlock(service: ServiceModel, methods: readonly MethodNames[], names: ServiceNames): string[] {
  const lines = methods.flatMap((method, index) => [
    ...(index === 0 ? [] : [""]),
    ...clientLines(method, names),
  ]);
  return [
    ...jsDoc(joined([
      textLines(service.description),
      [`A client of the service \`${service.name}\`, whichever transport it calls over.`],
    ])),
    ...(methods.some(({ method }) => method.name === "close")
      // It stands beside the client's own; an interface would have to agree with it.
      ? [`export type ${names.client} = ClientControl & {`, ...lines, "};"]
      : [`export interface ${names.client} extends ClientControl {`, ...lines, "}"]),
  ];
}

function clientLines(names: MethodNames, service: ServiceNames): string[] {
  const { method, streamingResult, result } = names;
  const args = argumentsText(names);
  const line = (name: string, gives: string) => [
    ...jsDoc(methodDoc(method), "  "),
    `  readonly ${propertyKey(name)}: (${args}) => ${gives};`,
  ];
  const isMixed = method.kind === "server" && result !== undefined;
  return [
    ...line(method.name, resultText(names, service)),
    ...(isMixed ? ["", ...line(`${method.name}Stream`, `ServerStreaming<${streamingResult!.out}>`)] : []),
  ];
}

function argumentsText({ method, payload }: MethodNames): string {
  const leavable = method.payload !== undefined && isLeavable(method.payload);
  if (method.http?.rawRequest) {
    const first = payload === undefined ? "" : `payload: ${payload.in}${leavable ? " | undefined" : ""}, `;
    return `${first}options: CallOptions & RawRequestOptions`;
  }
  const first = payload === undefined ? "" : `payload${leavable ? "?" : ""}: ${payload.in}, `;
  return `${first}options?: CallOptions`;
}

function resultText(names: MethodNames, { methods }: ServiceNames): string {
  const { method, streamingPayload: sent, streamingResult: got, result } = names;
  if (method.http?.rawResponse) {
    return `Promise<RawResult<${methods}[${JSON.stringify(method.name)}]>>`;
  }
  if (sent !== undefined) {
    if (got !== undefined) return `BidiStreaming<${sent.in}, ${got.out}>`;
    return result === undefined
      ? `ClientStreamingOnly<${sent.in}>`
      : `ClientStreaming<${sent.in}, ${result.out}>`;
  }
  if (got !== undefined && result === undefined) return `ServerStreaming<${got.out}>`;
  return `Promise<${result?.out ?? "void"}>`;
}

function methodDoc(method: MethodModel): string[] {
  const about = method.description ?? `Calls \`${method.name}\`.`;
  const errors = Object.values(method.errors).map(({ name, description }) => {
    const [what] = linesOf(description);
    return `- \`${name}\`${what === undefined ? "" : `: ${what}`}`;
  });
  return joined([
    textLines(about),
    errors.length === 0 ? [] : ["Errors:", ...errors],
    method.deprecated ? ["@deprecated"] : [],
  ]);
}

// ---- The design ----

function requirementsOf(service: ServiceModel): readonly RequirementModel[] {
  const all = Object.values(service.methods).flatMap(({ security }) => security ?? []);
  return [...new Map(all.map((requirement) => [requirementKey(requirement), requirement])).values()];
}

function authBlock(service: ServiceModel, { auth }: ServiceNames): string[][] {
  const requirements = requirementsOf(service);
  if (requirements.length === 0) return [];
  return [[
    ...jsDoc(["What the functions that verify callers return, by name of the security scheme."]),
    `export interface ${auth} {`,
    ...requirements.flatMap((requirement) => [
      ...jsDoc(requirementDoc(requirement), "  "),
      `  readonly ${propertyKey(requirementKey(requirement))}: unknown;`,
    ]),
    "}",
  ]];
}

function requirementDoc({ schemes }: RequirementModel): string[] {
  const names = schemes.map(({ scheme }) => `\`${scheme.name}\``);
  if (names.length > 1) return [`Of ${names.join(" and ")} together: an object, by name of the scheme.`];
  return textLines(schemes[0]!.scheme.description ?? `Of the scheme ${names[0]}.`);
}

function methodsBlock(service: ServiceModel, methods: readonly MethodNames[], names: ServiceNames): string[] {
  const secured = requirementsOf(service).length > 0;
  return [
    ...jsDoc(joined([
      [`The types of all methods of \`${service.name}\`, at sender and receiver.`],
      secured
        ? [`@typeParam Auth What verified callers, where handlers shall know more than \`unknown\``]
        : [],
    ])),
    // No interface: those do not fit a record.
    `export type ${names.methods}${secured ? `<Auth extends ${names.auth} = ${names.auth}>` : ""} = {`,
    ...methods.flatMap((method) => methodLines(method)),
    "};",
  ];
}

function methodLines(names: MethodNames): string[] {
  const { method } = names;
  const sides = (role: string, types: Sides | undefined) => [
    `    readonly ${role}In: ${types?.in ?? "undefined"};`,
    `    readonly ${role}Out: ${types?.out ?? "undefined"};`,
  ];
  return [
    ...jsDoc([...textLines(method.description ?? `Of \`${method.name}\`.`)], "  "),
    `  readonly ${propertyKey(method.name)}: {`,
    ...sides("payload", names.payload),
    ...sides("streamingPayload", names.streamingPayload),
    ...sides("result", names.result),
    ...sides("streamingResult", names.streamingResult),
    ...errorLines(names),
    `    readonly views: ${union(names.views.map((view) => JSON.stringify(view)))};`,
    `    readonly auth: ${authText(method)};`,
    `    readonly raw: ${union(rawSides(method))};`,
    "  };",
  ];
}

function errorLines({ method, errors }: MethodNames): string[] {
  const declared = Object.keys(method.errors);
  if (declared.length === 0) return ["    readonly errors: Record<never, never>;"];
  return [
    "    readonly errors: {",
    ...declared.map((name) => {
      const { in: sent, out } = errors[name] ?? { in: "undefined", out: "undefined" };
      return `      readonly ${propertyKey(name)}: { readonly in: ${sent}; readonly out: ${out} };`;
    }),
    "    };",
  ];
}

function rawSides({ http }: MethodModel): string[] {
  return [...(http?.rawRequest ? ['"request"'] : []), ...(http?.rawResponse ? ['"response"'] : [])];
}

function authText({ security }: MethodModel): string {
  // Whether it says nothing or `NoSecurity` the model does not tell; handlers find `undefined` either way.
  if (security === undefined) return "InheritedAuth | undefined";
  return union([...new Set(security.map((each) => `Auth[${JSON.stringify(requirementKey(each))}]`))]);
}

/** The key of a requirement in the interface of what verified callers: several schemes are one. */
function requirementKey({ schemes }: RequirementModel): string {
  return schemes.map(({ scheme }) => scheme.name).join("+");
}

function union(types: readonly string[]): string {
  return types.length === 0 ? "never" : types.join(" | ");
}

function designBlock(service: ServiceModel, { design, methods, auth }: ServiceNames): string[] {
  const secured = requirementsOf(service).length > 0;
  const parameter = secured ? `<Auth extends ${auth} = ${auth}>` : "";
  return [
    ...jsDoc([
      `The type of the design, for packages that publish it: \`export const design: ${design} = Service(…)\`.`,
    ]),
    `export type ${design}${parameter} = ServiceDesign<${methods}${secured ? "<Auth>" : ""}>;`,
  ];
}
