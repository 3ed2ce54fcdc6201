/**
 * Patterns of designs for readers of JSON Schema, who compile them as ECMA-262 with the flag `u` and no other.
 *
 * @module
 */
import { compilePattern } from "../design/text_rules.ts";

/** What says the same with `u` alone; `undefined` when nothing does. */
export function schemaPattern(source: string): string | undefined {
  const compiled = compilePattern(source);
  for (const candidate of [compiled.source, translate(compiled)]) {
    // The flags are part of what a translation says.
    if (candidate === compiled.source && /[ims]/.test(compiled.flags)) continue;
    if (isPattern(candidate)) return candidate;
  }
  return undefined;
}

function isPattern(source: string): boolean {
  try {
    new RegExp(source, "u");
    return true;
  } catch {
    return false;
  }
}

/** What may follow a backslash in an expression with `u`. */
const ESCAPES = /^[\^$\\.*+?()[\]{}|/bBdDsSwWfnrtvcxupPk0-9]$/;

/** Writes flags out, and takes away backslashes that only expressions without `u` know. */
function translate({ source, flags }: RegExp): string {
  const [any, lines, letters] = [flags.includes("s"), flags.includes("m"), flags.includes("i")];
  let out = "";
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (char === "\\") {
      const next = source[++at]!;
      // In a class a hyphen may be escaped, too.
      out += ESCAPES.test(next) || inClass && next === "-" ? char + next : next;
      // What belongs to an escape is no letter of its own.
      const rest = /^(?:u\{[^}]*\}|u[\dA-Fa-f]{4}|x[\dA-Fa-f]{2}|c[A-Za-z]|[pP]\{[^}]*\}|k<[^>]*>)/.exec(
        source.slice(at),
      );
      if (rest !== null) {
        out += rest[0].slice(1);
        at += rest[0].length - 1;
      }
    } else if (inClass) {
      if (char === "]") inClass = false;
      const range = letters ? /^([a-z])-([a-z])|^([A-Z])-([A-Z])/.exec(source.slice(at)) : null;
      if (range !== null) {
        out += range[0].toLowerCase() + range[0].toUpperCase();
        at += 2;
      } else out += letters ? bothCases(char) : char;
    } else if (char === "[") {
      inClass = true;
      out += char;
    } else if (char === "(" && source.startsWith("(?<", at) && /[^=!]/.test(source[at + 3] ?? "")) {
      const end = source.indexOf(">", at);
      out += source.slice(at, end + 1);
      at = end;
    } else if (char === "." && any) out += "[\\s\\S]";
    else if (char === "^" && lines) out += "(?:^|(?<=[\\n\\r\\u2028\\u2029]))";
    else if (char === "$" && lines) out += "(?:$|(?=[\\n\\r\\u2028\\u2029]))";
    else if (letters && bothCases(char) !== char) out += `[${bothCases(char)}]`;
    else out += char;
  }
  return out;
}

function bothCases(char: string): string {
  const [lower, upper] = [char.toLowerCase(), char.toUpperCase()];
  return lower === upper || lower.length !== 1 || upper.length !== 1 ? char : lower + upper;
}
