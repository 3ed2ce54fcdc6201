/**
 * Names in generated TypeScript.
 *
 * @module
 */

/** Words that cannot name a type, and names that the generated types mean something else by. */
const TAKEN: readonly string[] = [
  ...("any bigint boolean never null number object string symbol undefined unknown void " +
    "Array Map Promise Readonly ReadonlyMap Record Uint8Array ArrayBuffer AsyncDisposable").split(" "),
];

/** What generated types import: their names are taken too. */
export const CLIENT_TYPES = [
  "BidiStreaming",
  "CallOptions",
  "ClientControl",
  "ClientStreaming",
  "ClientStreamingOnly",
  "RawRequestOptions",
  "RawResult",
  "ServerStreaming",
] as const;

/** The same, of the design's. */
export const DESIGN_TYPES = ["ErrorResultValue", "InheritedAuth", "ServiceDesign"] as const;

/** `list_ids` is `ListIds`: letters and digits of any language, each word with a capital. */
export function pascal(text: string): string {
  const words = text.split(/[^\p{L}\p{N}$]+/u).filter((word) => word !== "");
  const name = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return name === "" || /^\p{N}/u.test(name) ? `_${name}` : name;
}

/** Hands out names of types: the second `Bottle` is `Bottle2`. */
export function typeNames(): { has(name: string): boolean; take(name: string): string } {
  const taken = new Set<string>([...TAKEN, ...CLIENT_TYPES, ...DESIGN_TYPES]);
  return {
    has: (name) => taken.has(name),
    take(name) {
      let free = name;
      for (let n = 2; taken.has(free); n++) free = `${name}${n}`;
      taken.add(free);
      return free;
    },
  };
}

/** A name as the key of a property. */
export function propertyKey(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}
