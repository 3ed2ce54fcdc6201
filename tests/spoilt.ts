/** What puts values wrong, and what may put code wrong that is made of names. */
import fc from "fast-check";

/** Names that mean something in code, or to objects. */
export const NAMES = [
  "__proto__",
  "constructor",
  "toJSON",
  'a"b',
  "a\\",
  "\u2028",
  "${c}`",
  "*/",
  "\n",
  "0",
  "x-y",
  "ü",
];

/** Values that few types take. */
export const odd: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  undefined,
  null,
  NaN,
  Infinity,
  -0,
  1.5,
  2 ** 53,
  1e39,
  3.4028235e38,
  "\ud800",
  "a\udc00b",
  '"\\\n\u2028',
  -1,
  101,
  2n ** 63n,
  -1n,
  7n,
  true,
  [],
  [undefined],
  [null],
  {},
  { type: "m0", value: 1, more: 2 },
  { value: 1, type: "m0" },
  new Map(),
  new Uint8Array(2),
  new Date(0),
  Object.create(null),
  Object.create({ v: 1 }),
  { toJSON: () => 1 },
  { constructor: 1, toString: null },
);

/** The value with one place in it put wrong, or something added to it. */
export function spoilt(value: unknown, path: readonly number[], by: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof value !== "object" || value === null || value instanceof Uint8Array) {
    return by;
  }
  if (Array.isArray(value)) {
    return value.length === 0
      ? [by]
      : value.with(step % value.length, spoilt(value[step % value.length], rest, by));
  }
  if (value instanceof Map) return by;
  const keys = Object.keys(value);
  if (keys.length === 0 || step === 7) return { ...value, more: by };
  const key = keys[step % keys.length]!;
  const spoiltItem = spoilt((value as Record<string, unknown>)[key], rest, by);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, name === key ? spoiltItem : item]),
  );
}
