import { assert, assertEquals } from "@std/assert";
import { encodeEvent, eventStreamParser, HEARTBEAT, isOneLine, type ServerEvent } from "./event_stream.ts";

/** Fields that are there. */
function clean(event: ServerEvent): ServerEvent {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
}

function parse(...pieces: string[]): ServerEvent[] {
  const parser = eventStreamParser();
  return pieces.flatMap((piece) => parser.push(piece)).map(clean);
}

// The examples of the standard, §9.2.6.
Deno.test("a stock ticker: several data lines are one message", () => {
  assertEquals(parse("data: YHOO\ndata: +2\ndata: 10\n\n"), [{ data: "YHOO\n+2\n10" }]);
});

Deno.test("comments, ids, an id that is forgotten, a leading space kept, and an end without blank line", () => {
  const parser = eventStreamParser();
  assertEquals(parser.push(": test stream\n\ndata: first event\nid: 1\n\n").map(clean), [
    { data: "first event", id: "1" },
  ]);
  assertEquals(parser.lastEventId(), "1");
  assertEquals(parser.push("data:second event\nid\n\n").map(clean), [{ data: "second event", id: "" }]);
  assertEquals(parser.lastEventId(), "");
  assertEquals(parser.push("data:  third event").map(clean), []);
  assertEquals(parser.held(), "data:  third event".length);
});

Deno.test("empty data: an event each, but for the block that never ends", () => {
  assertEquals(parse("data\n\ndata\ndata\n\ndata:"), [{ data: "" }, { data: "\n" }]);
});

Deno.test("the space after the colon is optional", () => {
  assertEquals(parse("data:test\n\ndata: test\n\n"), [{ data: "test" }, { data: "test" }]);
});

Deno.test("what the standard tells to ignore", () => {
  assertEquals(parse("\ufeffdata: bom\n\n"), [{ data: "bom" }]);
  assertEquals(parse("\ufeff\ufeffdata: second bom is a name\n\n"), []);
  assertEquals(parse("retry: 1x\nretry: 20\nretry:\nid: a\0b\nid: c\nother: 1\ndata: d\n\n"), [
    { data: "d", id: "c", retry: "20" },
  ]);
  assertEquals(parse(" data: x\nDATA: y\n\n"), []);
  assertEquals(parse("event: a\nevent: b\ndata: x\n\n"), [{ data: "x", type: "b" }]);
});

Deno.test("line ends: LF, CR, CRLF, in one piece and cut between", () => {
  const expected = [{ data: "a\nb", id: "1" }, { data: "c" }];
  for (const end of ["\n", "\r", "\r\n"]) {
    const text = ["data: a", "data: b", "id: 1", "", "data: c", "", ""].join(end);
    assertEquals(parse(text), expected, JSON.stringify(end));
    for (let cut = 0; cut <= text.length; cut++) {
      assertEquals(parse(text.slice(0, cut), text.slice(cut)), expected, `${JSON.stringify(end)} at ${cut}`);
    }
    assertEquals(parse(...text), expected, `${JSON.stringify(end)} by character`);
  }
});

Deno.test("heartbeats do not show, wherever they stand", () => {
  assertEquals(parse(HEARTBEAT, HEARTBEAT, "data: a\n\n", HEARTBEAT, "data: b\n\n"), [{ data: "a" }, {
    data: "b",
  }]);
});

Deno.test("what is one line", () => {
  assert(isOneLine(" a:b "));
  for (const bad of ["a\nb", "a\rb", "a\0"]) assert(!isOneLine(bad));
});

/** A generator of numbers that a seed replays. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const ALPHABET = [
  "a",
  " ",
  ":",
  "data",
  "id: ",
  "event",
  "retry",
  "\u00e9",
  "\u{1f600}",
  "\ufeff",
  "0",
  "{",
  "\t",
];

Deno.test("fuzz: what is encoded is parsed, however it is cut", () => {
  const seed = Date.now() >>> 0;
  const next = random(seed);
  const text = (more: readonly string[]) =>
    Array.from({ length: next(8) }, () => [...ALPHABET, ...more][next(ALPHABET.length + more.length)]).join(
      "",
    );
  for (let round = 0; round < 2000; round++) {
    const events: ServerEvent[] = Array.from({ length: next(5) + 1 }, () => ({
      data: text(["\n", "\n\n"]),
      ...(next(2) === 0 ? { id: text([]) } : {}),
      ...(next(2) === 0 ? { type: text([]) } : {}),
      ...(next(2) === 0 ? { retry: String(next(10_000)) } : {}),
    }));
    const whole = events.map((event) => (next(3) === 0 ? HEARTBEAT : "") + encodeEvent(event)).join("");
    // Cut between bytes, as a network does.
    const bytes = new TextEncoder().encode(whole);
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const pieces: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = next(4) === 0 ? 1 : next(40);
      pieces.push(decoder.decode(bytes.subarray(at, at += length), { stream: true }));
    }
    assertEquals(parse(...pieces), events, `seed ${seed}, round ${round}`);
  }
});

Deno.test("fuzz: garbage is parsed alike however it is cut, and never throws", () => {
  const seed = Date.now() >>> 0;
  const next = random(seed);
  const symbols = [
    ...ALPHABET,
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\0",
    ": ",
    "data: ",
    "id\n",
    "event: x\n",
    "retry: 5\n",
  ];
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: next(60) }, () => symbols[next(symbols.length)]).join("");
    const pieces: string[] = [];
    for (let at = 0; at < text.length;) pieces.push(text.slice(at, at += next(5)));
    assertEquals(parse(...pieces), parse(text), `seed ${seed}, round ${round}: ${JSON.stringify(text)}`);
  }
});

Deno.test("a line in a million pieces costs no more than its length", () => {
  const parser = eventStreamParser();
  parser.push("data: ");
  const start = performance.now();
  for (let n = 0; n < 1_000_000; n++) parser.push("x");
  const [event] = parser.push("\n\n");
  assertEquals(event?.data?.length, 1_000_000);
  assert(performance.now() - start < 20_000);
});
