/**
 * What differs between two texts, for people.
 *
 * @module
 */
import { structuredPatch } from "diff";

/** Lines of context around a change. */
const CONTEXT = 2;

/** Lines of a unified diff, the first `limit` of them. */
export function shortDiff(before: string, after: string, limit: number): readonly string[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: CONTEXT });
  const lines = hunks.flatMap(({ oldStart, newStart, lines }) => [
    `@@ -${oldStart} +${newStart} @@`,
    ...lines,
  ]);
  return lines.length <= limit ? lines : [...lines.slice(0, limit), `… ${lines.length - limit} lines more`];
}
