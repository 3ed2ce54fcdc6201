/** Values by schemas alone, as a reader of a document would make them. */

/** A schema as it stands in a document. */
// deno-lint-ignore no-explicit-any
export type Schema = any;

/** What a reference leads to. */
export function resolve(document: Schema, schema: Schema): Schema {
  let at = schema;
  while (typeof at?.$ref === "string") {
    const { $ref, ...beside } = at;
    at = $ref.slice(2).split("/").reduce(
      (inner: Schema, part: string) => inner[part.replaceAll("~1", "/").replaceAll("~0", "~")],
      document,
    );
    if (Object.keys(beside).length > 0) at = { ...at, ...beside };
  }
  return at;
}

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2024-02-29T12:00:00Z",
  "date": "2024-02-29",
  "uuid": "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
  "email": "bo@example.com",
  "uri": "https://example.com/a",
  "ipv4": "127.0.0.1",
};

/** A value that fits a schema. */
export function valueOf(document: Schema, schema: Schema): unknown {
  const at = resolve(document, schema);
  if (at.const !== undefined) return at.const;
  for (const value of [...at.examples ?? [], ...at.enum ?? []]) return value;
  if (at.default !== undefined) return at.default;
  const choice = at.oneOf?.[0] ?? at.anyOf?.[0];
  if (choice !== undefined && at.format === undefined && choice.format === undefined) {
    return valueOf(document, choice);
  }
  switch ([at.type].flat()[0] ?? "string") {
    case "integer":
    case "number":
      return Math.min(Math.max(1, at.minimum ?? 1, (at.exclusiveMinimum ?? 0) + 1), at.maximum ?? Infinity);
    case "boolean":
      return true;
    case "array":
      return Array.from({ length: Math.max(1, at.minItems ?? 0) }, () => valueOf(document, at.items));
    case "object": {
      const made: Record<string, unknown> = {};
      for (const [name, inner] of Object.entries(at.properties ?? {})) {
        if (at.required?.includes(name)) made[name] = valueOf(document, inner);
      }
      return made;
    }
    case "null":
      return null;
    default: {
      if (at.contentEncoding === "base64") return "AQID";
      const text = FORMATS[at.format] ?? FORMATS[choice?.format] ?? (at.pattern === "^k" ? "key" : "text");
      return text.padEnd(at.minLength ?? 0, "x").slice(0, at.maxLength);
    }
  }
}
