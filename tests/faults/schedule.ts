/** What happens in one run, drawn from one number. */
import fc from "fast-check";
import type { Direction, Fault, Plan, When } from "../behaviour/proxy.ts";

/** One run: what is said, and what becomes of the connections it is said over. */
export interface Schedule {
  readonly seed: number;
  /** Messages of the client and of the server. */
  readonly up: number;
  readonly down: number;
  /** Characters of the longest message. */
  readonly longest: number;
  /** Both senders wait for so long after so many messages, so that faults by the clock find them at it. */
  readonly pace: { readonly every: number; readonly ms: number };
  /** Both readers wait for so long after each so many messages: the network is not all that makes a sender wait. */
  readonly reader: { readonly every: number; readonly ms: number };
  /** What becomes of each connection; those beyond are left alone. */
  readonly plans: readonly Plan[];
}

/** Faults that last: no connection comes back after them by itself. */
export function isHalfOpen(fault: Fault): boolean {
  return fault.kind === "stall" && fault.ms === undefined;
}

const direction = fc.constantFrom<Direction>("up", "down");

const when: fc.Arbitrary<When> = fc.oneof(
  // The handshake takes some 300 bytes, each way.
  { weight: 2, arbitrary: fc.record({ direction, bytes: fc.nat(400) }) },
  { weight: 2, arbitrary: fc.record({ direction, bytes: fc.integer({ min: 100, max: 3000 }) }) },
  { weight: 3, arbitrary: fc.record({ direction, bytes: fc.nat(60_000) }) },
  { weight: 2, arbitrary: fc.record({ ms: fc.nat(250) }) },
);

const directions = fc.constantFrom<readonly Direction[]>(["up"], ["down"], ["up", "down"]);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("cut" as const), at: when }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reset" as const), at: when }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("stall" as const),
      at: when,
      directions,
      ms: fc.integer({ min: 1, max: 300 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("stall" as const), at: when, directions }) },
);

const chunks = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 50, max: 3000 })),
  { minLength: 1, maxLength: 6 },
).map((sizes) => [...sizes, 4000]);

const plan: fc.Arbitrary<Plan> = fc.record({
  faults: fc.oneof(
    { weight: 7, arbitrary: fc.array(fault, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(fault, { minLength: 2, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  delayMs: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 3 }),
  chunks: fc.option(chunks, { nil: undefined, freq: 2 }),
});

const rhythm = fc.record({ every: fc.integer({ min: 1, max: 60 }), ms: fc.integer({ min: 0, max: 5 }) });

const talk = fc.oneof(
  { weight: 19, arbitrary: fc.record({ count: fc.nat(200), longest: fc.constantFrom(0, 20, 300, 2000) }) },
  // More than the buffers of the network hold.
  { weight: 1, arbitrary: fc.record({ count: fc.constant(300), longest: fc.constant(80_000) }) },
);

// Without bias: fast-check would rather try the bounds.
const schedule = fc.noBias(fc.record({
  talk,
  /** How much of it each side says. */
  upShare: fc.nat(100),
  downShare: fc.nat(100),
  pace: rhythm,
  reader: rhythm,
  plans: fc.array(plan, { minLength: 1, maxLength: 4 }),
}));

/** Large messages in small pieces would take longer than the clocks of the runs allow. */
function atSpeed(plan: Plan): Plan {
  return { faults: plan.faults, chunks: plan.chunks?.filter((size) => size >= 2000) };
}

/** The schedule of a seed: always the same. */
export function scheduleOf(seed: number): Schedule {
  const [drawn] = fc.sample(schedule, { seed, numRuns: 1 });
  const { talk, upShare, downShare, pace, reader, plans } = drawn!;
  return {
    seed,
    up: Math.ceil(talk.count * upShare / 100),
    down: Math.ceil(talk.count * downShare / 100),
    longest: talk.longest,
    pace,
    reader,
    plans: talk.longest > 3000 ? plans.map(atSpeed) : plans,
  };
}

const ALPHABET = 'goats é€😀 \n\t"\\{}[],null\u2028';

/** The text of a message: to be checked at the other end, and full of what might be cut in the wrong place. */
export function textOf(seq: number, longest: number): string {
  const length = (seq * 7919) % (longest + 1);
  let text = "";
  for (let at = seq % 7; text.length < length; at = 0) text += ALPHABET.slice(at);
  // Half a pair of surrogates is no text.
  return text.slice(0, length).toWellFormed();
}
