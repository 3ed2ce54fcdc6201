/**
 * The text of a typed client that calls each method once.
 *
 * @module
 */
import { key, literal } from "./literal.ts";
import {
  callOf,
  clientInterceptors,
  comment,
  designImport,
  lines,
  moduleOf,
  type Place,
  provesWho,
  sending,
} from "./scaffold_place.ts";
import { credentialKeys, type MethodSamples } from "./scaffold_samples.ts";

/** How a method is reached: by HTTP, else by gRPC; `undefined` for no way that a client here could go. */
export function wayOf({ method }: MethodSamples): "http" | "grpc" | undefined {
  if (method.http !== undefined && method.http.redirect === undefined) {
    // No fetch can send these.
    const verbs = method.http.routes.map(({ verb }) => verb);
    if (verbs.some((verb) => verb !== "TRACE" && verb !== "CONNECT")) return "http";
  }
  return method.grpc === undefined ? undefined : "grpc";
}

/** A client of a service. */
export function clientText(place: Place): string {
  const { service, methods, schemes } = place.samples;
  const ways = (["http", "grpc"] as const).filter((way) => methods.some((one) => wayOf(one) === way));
  const called = methods.filter((one) => wayOf(one) !== undefined);
  const proof = called.some(provesWho);
  const interceptors = clientInterceptors(place.samples);
  const options = interceptors.length === 0 ? "" : ", { declared }";
  const addresses = ways.map((way) => way === "http" ? "http://127.0.0.1:8080" : "127.0.0.1:50051");
  const credentials = [...schemes.values()].flatMap(({ scheme }) =>
    credentialKeys(scheme).map((name) => `${scheme.name} ${name}`)
  );
  const type = `ClientOf<typeof ${place.local}>`;
  const names = ways.length === 1 ? { http: "client", grpc: "client" } : { http: "http", grpc: "grpc" };
  return lines(
    "/**",
    ` * Calls the service ${service.name}, each method once, and prints what comes:`,
    " *",
    " * ```sh",
    ` * deno run --allow-net${ways.includes("grpc") ? " --ignore-env" : ""} ${place.folder.slice(2)}${
      place.folder === "." ? "" : "/"
    }client.ts ${[...addresses, ...proof ? credentials.map((name) => `'${name}'`) : []].join(" ")}`,
    " * ```",
    " *",
    " * @module",
    " */",
    `import { type ClientOf${ways.includes("http") ? ", httpClient" : ""} } from "${place.goats}";`,
    ...ways.includes("grpc") ? [`import { grpcClient } from ${moduleOf(place, "grpc")};`] : [],
    ...proof ? [`import type { demo as accepted } from "${place.up}/auth.ts";`] : [],
    designImport(place),
    "",
    ...interceptors.length === 0 ? [] : [
      "/** The interceptors that the design declares for clients: these let everything pass. */",
      `const declared = ${literal(Object.fromEntries(interceptors.map((name) => [name, {}])))};`,
      "",
    ],
    "/** Calls each method once, and tells what comes. */",
    `export async function run(${
      [
        ...ways.map((way) => `${names[way]}: ${type}`),
        ...proof ? [`demo: Pick<typeof accepted, ${[...schemes.keys()].map(literal).join(" | ")}>`] : [],
      ].join(
        ", ",
      )
    }): Promise<void> {`,
    ...called.flatMap((samples) => [
      ...comment(samples.method.description).map((line) => line.replace("/**", "/*")),
      ...calling(names[wayOf(samples)!], samples),
    ]),
    "}",
    "",
    "if (import.meta.main) {",
    ...proof ? [`const given = Deno.args.slice(${ways.length});`] : [],
    ...ways.map((way, index) =>
      `await using ${names[way]} = ${way}Client(${place.local}, Deno.args[${index}] ?? "${
        addresses[index]
      }"${options});`
    ),
    `await run(${[...ways.map((way) => names[way]), ...proof ? [credentialsText(place)] : []].join(", ")});`,
    "}",
  );
}

/** Credentials out of the arguments, in order. */
function credentialsText(place: Place): string {
  const schemes = [...place.samples.schemes.values()].map(({ scheme }) =>
    `${key(scheme.name)}: { ${
      credentialKeys(scheme).map((name) => `${name}: given.shift() ?? ""`).join(", ")
    } }`
  );
  return `{ ${schemes.join(", ")} }`;
}

function tell({ method }: MethodSamples, value: string, suffix = ""): string {
  return `console.log(${literal(method.name + suffix)}, ${value});`;
}

function calling(client: string, samples: MethodSamples): string[] {
  const { method } = samples;
  const call = callOf(client, samples);
  const telling = `for await (const message of stream) ${tell(samples, "message")}`;
  if (method.http?.rawResponse) {
    const parts = method.result === undefined ? "body" : "result, body";
    const value = `${method.result === undefined ? "" : "result, "}await new Response(body).text()`;
    return ["{", `const { ${parts} } = await ${call};`, tell(samples, value), "}"];
  }
  switch (method.kind) {
    case "unary":
      return method.result === undefined
        ? [`await ${call};`, tell(samples, '"is done"')]
        : [tell(samples, `await ${call}`)];
    case "server":
      if (method.result === undefined) return ["{", `const stream = ${call};`, telling, "}"];
      return [
        tell(samples, `await ${call}`),
        `for await (const message of ${callOf(client, samples, "Stream")}) ${
          tell(samples, "message", "Stream")
        }`,
      ];
    case "client": {
      const end = method.result === undefined
        ? ["await stream.close();", tell(samples, '"is done"')]
        : [tell(samples, "await stream.closeAndRecv()")];
      return ["{", `const stream = ${call};`, ...sending(samples), ...end, "}"];
    }
    case "bidi":
      return [
        "{",
        `const stream = ${call};`,
        ...sending(samples),
        "await stream.closeSend();",
        telling,
        "}",
      ];
  }
}
