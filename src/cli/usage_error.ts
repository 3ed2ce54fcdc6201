/**
 * What is wrong with a command line.
 *
 * @module
 */

/** A mistake on the command line or in a design: nothing was called. */
export class UsageError extends Error {
  /** What tells it apart in `--json-errors`. */
  override readonly name = "usage";
}

/** How far two words are apart: letters to insert, remove, replace or swap with their neighbours. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1);
      }
      row.push(least);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** What somebody may have meant: `; did you mean "watch"?`, or else which words there are. */
export function suggestion(word: string, known: readonly string[]): string {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const far = distance(lower, candidate.toLowerCase());
    if (far >= least) continue;
    least = far;
    best = candidate;
  }
  if (best !== undefined) return `; did you mean ${JSON.stringify(best)}?`;
  return known.length === 0 || known.length > 20 ? "" : `; there are ${known.join(", ")}`;
}
