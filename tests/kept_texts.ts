/**
 * Keeps a name of each of many messages that came in large pieces, and prints how much memory that takes, in KiB. Run
 * with `--expose-gc` and the way in which messages come.
 */
import { eventClientCodec } from "../src/sse/codec.ts";
import { eventStreamParser } from "../src/sse/event_stream.ts";
import * as d from "../src/design/mod.ts";
import { plainServerCodec } from "../src/ws/codec.ts";
import { session } from "../src/ws/session.ts";

const Named = d.Type(
  "Named",
  d.Attribute("name", d.String),
  d.Attribute("more", d.String),
  d.Required("name"),
);
const Exact = d.Type("Exact", d.Attribute("name", d.String), d.Attribute("n", d.Int64), d.Required("name"));
const service = d.Service(
  "svc",
  d.Method("up", d.StreamingPayload(Named), d.Result(d.Int)),
  d.Method("exact", d.StreamingPayload(Exact), d.Result(d.Int)),
  d.Method("down", d.StreamingResult(Named), d.HTTP(d.GET("/down"), d.ServerSentEvents())),
);
const { methods } = service.model;

const PIECES = 200;
const LARGE = "x".repeat(64 * 1024);

interface Message {
  readonly name: string;
}

/** As text that comes off the network: in one piece, that nobody else has. */
function received(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}

/** Longer than what engines copy in any case. */
const nameOf = (n: number) => `a name of ${String(n).padStart(20, "0")}`;

/** Some small messages in one large frame of `goats.v1`, too few to be parsed together or not to be. */
function frames(method: d.MethodModel): (n: number) => Message[] {
  const codec = plainServerCodec(method);
  const stream = session({
    where: "svc.up",
    window: { messages: 1e9, size: 1e12 },
    messageBytes: 1e9,
    together: codec.together,
    control: () => {},
    violated: (error) => {
      throw error;
    },
  });
  stream.attach({ send: () => {} });
  stream.grant();
  return (n) => {
    const small = [1, 2, 3].map(() => JSON.stringify({ name: nameOf(n) }));
    stream.receive(received([...small, JSON.stringify({ name: LARGE })].join("\n")));
    return [1, 2, 3, 4].map(() => codec.decode(stream.inbox.read() as string) as Message);
  };
}

/** A frame of its own for each message: of the plain wire. */
function alone(): (n: number) => Message[] {
  const codec = plainServerCodec(methods.up!);
  return (n) => [codec.decode(received(JSON.stringify({ name: nameOf(n), more: LARGE }))) as Message];
}

function events(): (n: number) => Message[] {
  const parser = eventStreamParser();
  const codec = eventClientCodec(methods.down!);
  return (n) => {
    const text = [nameOf(n), LARGE].map((name) => `data: ${JSON.stringify({ name })}\n\n`).join("");
    return parser.push(received(text)).map((event) => codec.decode(event, "default") as Message);
  };
}

const ways: Readonly<Record<string, () => (n: number) => Message[]>> = {
  frames: () => frames(methods.up!),
  "exact frames": () => frames(methods.exact!),
  alone,
  events,
  // What the others must not do.
  slices: () => (n) => [{ name: received(nameOf(n) + LARGE).slice(0, nameOf(n).length) }],
};

const { gc } = globalThis as unknown as { gc(): void };
const read = ways[Deno.args[0]!]!();
const names: string[] = [];
read(0);
gc();
const before = Deno.memoryUsage().heapUsed;
for (let n = 0; n < PIECES; n++) names.push(read(n)[0]!.name);
gc();
console.log(Math.round((Deno.memoryUsage().heapUsed - before) / 1024));
if (names.some((name, n) => name !== nameOf(n))) throw new Error("names are not what they were");
