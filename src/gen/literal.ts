/**
 * Values as TypeScript source.
 *
 * @module
 */

/** An expression that stands as it is where a value is asked for. */
export class Code {
  /** The source of the expression. */
  readonly source: string;

  /** @param source The source of the expression */
  constructor(source: string) {
    this.source = source;
  }
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A name as the key of an object or the name of a method. */
export function key(name: string): string {
  if (name === "__proto__") return '["__proto__"]'; // any other spelling would set the prototype
  return IDENTIFIER.test(name) ? name : JSON.stringify(name);
}

/** The property of an object: `.name`, or `["na me"]`. */
export function property(name: string): string {
  return IDENTIFIER.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** The source of a value, on one line; what is too long `deno fmt` breaks. */
export function literal(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "object":
      return value === null ? "null" : objectLiteral(value);
    default:
      return Object.is(value, -0) ? "-0" : `${value}`;
  }
}

function objectLiteral(value: object): string {
  if (value instanceof Code) return value.source;
  if (value instanceof Uint8Array) return `new Uint8Array([${value.join(", ")}])`;
  if (value instanceof Map) {
    return `new Map([${[...value].map((entry) => literal(entry)).join(", ")}])`;
  }
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  if (entries.length === 0) return "{}";
  return `{ ${entries.map(([name, inner]) => `${key(name)}: ${literal(inner)}`).join(", ")} }`;
}
