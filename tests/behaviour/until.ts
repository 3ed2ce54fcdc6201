/** Waiting for what another task will do. */
import { delay } from "@std/async";

/** Waits until `condition` holds; fails after `ms`, which is far beyond what any machine needs. */
export async function until(condition: () => boolean, what: string, ms = 20_000): Promise<void> {
  for (const start = Date.now(); !condition();) {
    if (Date.now() - start > ms) throw new Error(`never happened: ${what}`);
    await delay(2);
  }
}

/** Waits until `value` stays the same for `ms`: what moves it has come to rest. */
export async function settled(value: () => number, ms = 500): Promise<number> {
  for (let last = value();;) {
    await delay(ms);
    const now = value();
    if (now === last) return now;
    last = now;
  }
}
