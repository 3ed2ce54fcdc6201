/**
 * What `scaffold` writes where there is no design yet: a small project that runs.
 *
 * @module
 */
import type { GeneratedFile } from "./files.ts";
import { APP_END } from "./scaffold_shared.ts";
import { VERSION } from "./version.ts";

/** This package, at this version or a later one that is compatible. */
const GOATS = `jsr:@x/goats@^${VERSION}`;

const DESIGN = `/**
 * What the service is: its methods, what they carry, and how they are reached.
 *
 * @module
 */
import * as d from "@x/goats/design";

export const greeter = d.Service(
  "greeter",
  d.Description("Says hello"),
  d.Method(
    "greet",
    d.Description("Greet somebody"),
    d.Payload(
      d.Field(1, "name", d.String, "Who it is", d.MinLength(1), d.MaxLength(64), d.Example("Ada")),
      d.Required("name"),
    ),
    d.Result(d.Field(1, "text", d.String, "The greeting"), d.Required("text")),
    d.HTTP(d.GET("/greet/{name}")),
    d.GRPC(),
  ),
  d.Method(
    "countdown",
    d.Description("Count down to zero, one number a second"),
    d.Payload(
      d.Field(1, "from", d.Int, "Where to begin", d.Minimum(0), d.Maximum(60)),
      d.Required("from"),
    ),
    d.StreamingResult(d.Field(1, "n", d.Int, "The number"), d.Required("n")),
    d.HTTP(d.GET("/countdown/{from}")),
    d.GRPC(),
  ),
  d.Method(
    "talk",
    d.Description("Greet everybody who is named, for as long as there are names"),
    d.StreamingPayload(
      d.Field(1, "name", d.String, "Who it is", d.MinLength(1), d.MaxLength(64)),
      d.Required("name"),
    ),
    d.StreamingResult(d.Field(1, "text", d.String, "The greeting"), d.Required("text")),
    d.HTTP(d.GET("/talk")),
    d.GRPC(),
  ),
);
`;

const SERVICE = `/** @module */
import { setTimeout as delay } from "node:timers/promises";
import { implement } from "@x/goats";
import { greeter } from "./design.ts";

/** Says hello. */
export const greeterService = implement(greeter, {
  greet({ payload }) {
    return { text: \`Hello, \${payload.name}\` };
  },
  async *countdown({ payload, signal }) {
    yield { n: payload.from };
    for (let n = payload.from - 1; n >= 0; n--) {
      await delay(1000, undefined, { signal });
      yield { n };
    }
  },
  async *talk({ stream }) {
    for await (const { name } of stream) yield { text: \`Hello, \${name}\` };
  },
});
`;

const CLIENT = `/**
 * Calls the service:
 *
 * \`\`\`sh
 * deno run --allow-net client.ts http://127.0.0.1:8080
 * \`\`\`
 *
 * @module
 */
import { type ClientOf, httpClient } from "@x/goats";
import { greeter } from "./design.ts";

/** Calls each method, and prints what comes. */
export async function run(client: ClientOf<typeof greeter>): Promise<void> {
  console.log((await client.greet({ name: "Ada" })).text);

  for await (const { n } of client.countdown({ from: 3 })) console.log(n);

  const talk = client.talk();
  for (const name of ["Grace", "Linus"]) await talk.send({ name });
  await talk.closeSend();
  for await (const { text } of talk) console.log(text);
}

if (import.meta.main) {
  await using client = httpClient(greeter, Deno.args[0] ?? "http://127.0.0.1:8080");
  await run(client);
}
`;

const TEST = `import { assertEquals, assertRejects } from "@std/assert";
import { ServiceError } from "@x/goats";
import { memoryClient } from "@x/goats/testing";
import { greeterService } from "./service.ts";

Deno.test("greet greets", async () => {
  await using client = memoryClient(greeterService);
  assertEquals(await client.greet({ name: "Ada" }), { text: "Hello, Ada" });
  await assertRejects(() => client.greet({ name: "" }), ServiceError, "payload.name");
});

Deno.test("countdown ends with zero", async () => {
  await using client = memoryClient(greeterService);
  const numbers = await Array.fromAsync(client.countdown({ from: 1 }));
  assertEquals(numbers, [{ n: 1 }, { n: 0 }]);
});

Deno.test("talk greets everybody", async () => {
  await using client = memoryClient(greeterService);
  const talk = client.talk();
  await talk.send({ name: "Grace" });
  assertEquals(await talk.recv(), { text: "Hello, Grace" });
  await talk.closeSend();
  assertEquals(await talk.recv(), null);
});
`;

const MAIN = `/**
 * Serves over HTTP and gRPC, until it is told to stop:
 *
 * \`\`\`sh
 * deno task start
 * \`\`\`
 *
 * @module
 */
import { serve } from "@x/goats";
import { greeterService } from "./service.ts";

const [httpPort = "8080", grpcPort = "50051"] = Deno.args;
const server = await serve([greeterService], {
  http: { port: Number(httpPort) },
  grpc: { port: Number(grpcPort) },
  onError(error, { service, method }) {
    // What a handler throws by mistake is a fault: nobody but this log is told what it was.
    const what = error.fault ? error.cause ?? error : \`\${error.name}: \${error.message}\`;
    console.error(\`\${service}.\${method} \${error.id}\`, what);
  },
});
console.log(\`HTTP \${server.http.url}\`);
console.log(\`gRPC \${server.grpc.address}\`);

await new Promise<void>((resolve) => {
  const signals = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, resolve);
});
await server.shutdown(); // open calls may end by themselves for a while
Deno.exit();
`;

const APP = `/**
 * What \`deno serve app.ts\` serves, and what Deno Deploy runs: all but gRPC.
 *
 * @module
 */
import { httpHandler } from "@x/goats";
import { greeterService } from "./service.ts";

const handler = httpHandler([greeterService]);

${APP_END}
`;

function config(links: readonly string[]): string {
  const tasks = {
    gen: `deno run -A ${GOATS}/gen design.ts --out gen`,
    start: "deno run --allow-net --ignore-env main.ts",
    test: "deno test",
    deploy: "deno deploy --prod",
  };
  const imports = { "@std/assert": "jsr:@std/assert@^1.0.19", "@x/goats": GOATS };
  const config = links.length === 0 ? { tasks, imports } : { tasks, imports, links };
  return JSON.stringify(config, null, 2) + "\n";
}

function readme(name: string): string {
  return `# ${name}

- \`design.ts\`: what the service is; everything else follows from it
- \`service.ts\`: what its methods do
- \`client.ts\`: a client; \`deno run --allow-net client.ts\` calls what
  \`deno task start\` serves
- \`service_test.ts\`: tests, without a network
- \`main.ts\`: a process that serves HTTP, WebSocket and gRPC
- \`app.ts\`: the same for \`deno serve\` and Deno Deploy, without gRPC

What there is to do:

- \`deno task start\` serves HTTP on 8080 and gRPC on 50051
- \`deno task test\` runs the tests
- \`deno task gen\` writes to \`gen/\` what people without this design need of it
- \`deno task deploy\` deploys to Deno Deploy; the app's entrypoint there is
  \`app.ts\`

\`\`\`sh
curl http://127.0.0.1:8080/greet/Ada
\`\`\`
`;
}

/**
 * The files of a new project.
 *
 * @param name What it is called
 * @param links Folders of packages that are not taken from JSR
 */
export function projectFiles(name: string, links: readonly string[]): readonly GeneratedFile[] {
  return [
    { path: "deno.json", text: config(links) },
    { path: "README.md", text: readme(name) },
    { path: "design.ts", text: DESIGN },
    { path: "service.ts", text: SERVICE },
    { path: "client.ts", text: CLIENT },
    { path: "service_test.ts", text: TEST },
    { path: "main.ts", text: MAIN },
    { path: "app.ts", text: APP },
  ];
}
