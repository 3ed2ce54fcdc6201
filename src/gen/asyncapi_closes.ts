/**
 * How WebSockets end: close codes and what they mean. src/ws/close.ts.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { type Node, node } from "./document.ts";
import { type ErrorSchemas, INVALID, statusOf } from "./error_schema.ts";

/** Close codes of private use tell an HTTP status. */
const PRIVATE = 4000;

/** What every stream may end with. */
const BUILTIN: readonly (readonly [code: number, names: readonly string[], description: string])[] = [
  [1001, ["unavailable"], "the server is going away"],
  [1009, ["too_large"], "a message is too large"],
  [1013, ["overloaded"], "too much waits to be read"],
  [4408, ["timeout"], "the deadline of the call is over"],
  [4500, ["fault"], "the server is at fault"],
];

/** Codes of a stream's end: of its declared errors, of those of goats, and of a good end. */
export function closesOf(errors: ErrorSchemas, method: MethodModel): Node {
  interface Close {
    readonly texts: string[];
    readonly names: string[];
    readonly schemas: Node[];
  }
  const codes = new Map<number, Close>();
  const add = (code: number, names: readonly string[], text: string, schema?: Node): void => {
    let close = codes.get(code);
    if (close === undefined) codes.set(code, close = { texts: [], names: [], schemas: [] });
    close.texts.push(text);
    close.names.push(...names);
    if (schema !== undefined) close.schemas.push(schema);
  };
  for (const error of Object.values(method.errors)) {
    const { name, description } = error;
    const text = description === undefined ? name : `${name}: ${description}`;
    // Of the others there is no more to say than of every error.
    const schema = error.attribute === undefined ? undefined : errors.of(error);
    add(PRIVATE + statusOf(error, method), [name], text, schema);
  }
  for (const [code, names, text] of BUILTIN) {
    if (names.some((name) => method.errors[name] !== undefined)) continue;
    add(code, names, `${names.join(", ")}: ${text}`);
  }
  if (method.streamingPayload !== undefined) {
    add(4400, INVALID, "a message is not valid");
  }
  const all = node({ 1000: node({ description: "The stream has ended well" }) });
  for (const [code, { texts, names, schemas }] of [...codes].sort(([a], [b]) => a - b)) {
    all[code] = node({
      description: texts.join("; "),
      errors: names,
      // The reason of the close frame, as JSON; shortened where it is too long for one.
      reason: schemas.length > 1 ? node({ anyOf: schemas }) : schemas[0],
    });
  }
  return all;
}
