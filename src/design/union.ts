/**
 * Unions.
 *
 * @module
 */
import { part } from "./freeze.ts";
import type { AnyAttributePart, AttributePart, MetaPart } from "./parts.ts";
import type { AttributeTraits, UnionMember, UnionType } from "./type_parts.ts";
import type { UnionIn, UnionOut } from "./union_types.ts";

/**
 * An attribute that is one of several: `{ type: "cat", value: … }`, on every transport (a `oneof` on gRPC). Its members
 * are attributes; on gRPC their field numbers are those of the object that the union stands in.
 *
 * `Meta("oneof:type:field", "kind")` and `Meta("oneof:value:field", "data")` rename the two properties,
 * `Meta("oneof:type:tag", "Cat")` in a member what tells it from the others.
 *
 * @example
 * ```ts
 * import { Field, Int, OneOf, String, Type } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const Owner = Type(
 *   "Owner",
 *   Field(1, "name", String),
 *   OneOf("pet", "What lives with the owner", Field(2, "cat", String), Field(3, "fish", Int, "How many")),
 * );
 * assertEquals(Owner.parts.length, 2);
 * ```
 */
export function OneOf<const Name extends string, const P extends readonly UnionMember[]>(
  name: Name,
  ...parts: P
): AttributePart<
  Name,
  UnionIn<P>,
  UnionOut<P>,
  false,
  never,
  never,
  AttributeTraits & { readonly bare: false }
> {
  const members: AnyAttributePart[] = [];
  const meta: MetaPart[] = [];
  const others: Exclude<UnionMember, AnyAttributePart>[] = [];
  for (const one of parts as readonly UnionMember[]) {
    if (typeof one === "object" && one?.kind === "attribute") members.push(one);
    else others.push(one);
    if (typeof one === "object" && one?.kind === "meta") meta.push(one);
  }
  const union: UnionType<never, unknown> = part({ kind: "union", name, members, meta });
  return part({ kind: "attribute", name, parts: [union, ...others] });
}
