/**
 * The texts of what the services of a design share: who may call, and the ways to serve them.
 *
 * @module
 */
import { key, literal } from "./literal.ts";
import { lines, type Place } from "./scaffold_place.ts";
import { credentialKeys, type DemoScheme } from "./scaffold_samples.ts";

/** All security schemes that must be verified, of all services. */
export function schemesOf(places: readonly Place[]): ReadonlyMap<string, DemoScheme> {
  const all = new Map<string, DemoScheme>();
  for (const { samples } of places) {
    for (const [name, demo] of samples.schemes) all.set(name, demo);
    for (const { method } of samples.methods) {
      for (const { scheme } of (method.security ?? []).flatMap(({ schemes }) => schemes)) {
        if (!all.has(scheme.name)) all.set(scheme.name, { scheme, values: {} });
      }
    }
  }
  return all;
}

/** Verifies callers by credentials that are made anew at each start, so that nobody can guess them. */
export function authText({ goats }: Place, schemes: ReadonlyMap<string, DemoScheme>): string {
  return lines(
    "/**",
    " * Who may call. What is here accepts one caller for each scheme, whose credentials are made at each start and printed",
    " * by `main.ts`: put what knows your callers in its place. Whatever a function returns lets the caller in; to refuse,",
    " * it throws.",
    " *",
    " * @module",
    " */",
    'import { timingSafeEqual } from "node:crypto";',
    `import { ServiceError, type Verifiers } from "${goats}";`,
    "",
    "/** What is accepted. */",
    "export const demo = {",
    ...[...schemes].map(([name, { scheme, values }]) => {
      const each = credentialKeys(scheme).map((key) =>
        `${key}: ${
          values[key] === undefined
            ? key === "username" ? '"demo"' : "crypto.randomUUID() as string"
            : `${literal(values[key])} as string`
        }`
      );
      return `${key(name)}: { ${each.join(", ")} },`;
    }),
    "};",
    "",
    "/** Verifies callers, by name of security scheme. */",
    "export const auth = {",
    ...[...schemes].flatMap(([name, { scheme }]) => {
      const keys = credentialKeys(scheme);
      const all = keys.map((one) =>
        `same(${one}, demo${name === key(name) ? `.${name}` : `[${key(name)}]`}.${one})`
      );
      return [
        `${key(name)}({ ${keys.join(", ")} }) {`,
        `if (!(${
          all.join(" && ")
        })) throw new ServiceError("unauthorized", "these credentials are not known");`,
        'return { name: "demo" };',
        "},",
      ];
    }),
    "} satisfies Verifiers;",
    "",
    "/** Whether two texts are the same, in a time that tells nothing of where they differ. */",
    "function same(a: string, b: string): boolean {",
    "const left = new TextEncoder().encode(a);",
    "const right = new TextEncoder().encode(b);",
    "return left.length === right.length && timingSafeEqual(left, right);",
    "}",
  );
}

/** Whether anything of the services is served so. */
export function served(places: readonly Place[]): { readonly http: boolean; readonly grpc: boolean } {
  const methods = places.flatMap(({ samples }) => samples.methods.map(({ method }) => method));
  return {
    http: methods.some(({ http }) => http !== undefined) ||
      places.some(({ samples }) => samples.service.files !== undefined),
    grpc: methods.some(({ grpc }) => grpc !== undefined),
  };
}

function imports(places: readonly Place[], secured: boolean): string[] {
  return [
    ...secured ? ['import { auth } from "./auth.ts";'] : [],
    ...places.map(({ implementation, folder }) =>
      `import { ${implementation} } from "${folder}/service.ts";`
    ),
  ];
}

/** A process that serves the services, over all that the design says. */
export function mainText(places: readonly Place[], schemes: ReadonlyMap<string, DemoScheme>): string {
  const { http, grpc } = served(places);
  const secured = schemes.size > 0;
  const ways = [...http ? ["HTTP"] : [], ...grpc ? ["gRPC"] : []];
  const names = places.map(({ implementation }) => implementation).join(", ");
  return lines(
    "/**",
    ` * Serves over ${ways.join(" and ")}, until it is told to stop:`,
    " *",
    " * ```sh",
    ` * deno run --allow-net${grpc ? " --ignore-env" : ""} main.ts ${
      [...http ? ["8080"] : [], ...grpc ? ["50051"] : []].join(" ")
    }`,
    " * ```",
    " *",
    " * @module",
    " */",
    `import { serve } from "${places[0]!.goats}";`,
    ...secured ? ['import { auth, demo } from "./auth.ts";'] : [],
    ...imports(places, false),
    "",
    `const [${
      [...http ? ['httpPort = "8080"'] : [], ...grpc ? ['grpcPort = "50051"'] : []].join(", ")
    }] = Deno.args;`,
    `const server = await serve([${names}], {`,
    ...http ? ["http: { port: Number(httpPort) },"] : [],
    ...grpc ? ["grpc: { port: Number(grpcPort) },"] : [],
    ...secured ? ["auth,"] : [],
    "onError(error, { service, method }) {",
    "// What a handler throws by mistake is a fault: nobody but this log is told what it was.",
    "const what = error.fault ? error.cause ?? error : `${error.name}: ${error.message}`;",
    "console.error(`${service}.${method} ${error.id}`, what);",
    "},",
    "});",
    ...http ? ["console.log(`HTTP ${server.http.url}`);"] : [],
    ...grpc ? ["console.log(`gRPC ${server.grpc.address}`);"] : [],
    ...secured ? ["console.log(`auth.ts accepts, until this process ends: ${JSON.stringify(demo)}`);"] : [],
    "",
    "await new Promise<void>((resolve) => {",
    'const signals = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const;',
    "for (const signal of signals) Deno.addSignalListener(signal, resolve);",
    "});",
    "await server.shutdown(); // open calls may end by themselves for a while",
    "Deno.exit();",
  );
}

/** How a module for `deno serve` ends, which has a `handler`. */
export const APP_END =
  `// Told to stop, \`deno serve\` waits for all that is open: this ends it in time. Nothing exits here, as under --parallel
// that would take the other isolates along.
const signals = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const;
async function stop(): Promise<void> {
  for (const signal of signals) Deno.removeSignalListener(signal, stop);
  await handler.shutdown(3000);
}
for (const signal of signals) Deno.addSignalListener(signal, stop);

export default { fetch: handler } satisfies Deno.ServeDefaultExport;`;

/** The services as a module for `deno serve` and Deno Deploy. */
export function appText(places: readonly Place[], schemes: ReadonlyMap<string, DemoScheme>): string {
  const secured = schemes.size > 0;
  const names = places.map(({ implementation }) => implementation).join(", ");
  return lines(
    "/**",
    " * What `deno serve app.ts` serves, and what Deno Deploy runs: all but gRPC.",
    " *",
    " * @module",
    " */",
    `import { httpHandler } from "${places[0]!.goats}";`,
    ...imports(places, secured),
    "",
    `const handler = httpHandler([${names}]${secured ? ", { auth }" : ""});`,
    "",
    APP_END,
  );
}
