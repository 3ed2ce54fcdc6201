/**
 * Finds the route of a request. The routes of all services that are served together make one tree of path segments,
 * built once; at each segment a literal goes before a parameter, and a parameter before a wildcard.
 *
 * @module
 */
import type { RouteModel, SegmentModel } from "../design/model.ts";

/** A route and what it leads to. */
export interface Route<T> {
  /** Verb and path. */
  readonly route: RouteModel;
  /** Named in the error about two routes that are the same. */
  readonly label: string;
  /** What the route leads to. */
  readonly target: T;
}

/** What a router found. */
export type Match<T> =
  /** The route, and the raw (still percent-encoded) value of each of its parameters in order. */
  | { readonly kind: "found"; readonly target: T; readonly params: readonly string[] }
  /** The path exists, under other verbs. */
  | { readonly kind: "method_not_allowed"; readonly allow: readonly string[] }
  /** A segment is not percent-encoded UTF-8. */
  | { readonly kind: "malformed"; readonly segment: string }
  | { readonly kind: "not_found" };

/** Finds routes. */
export interface Router<T> {
  /**
   * @param verb Upper case, as `Request.method` gives it
   * @param path Path of the URL, percent-encoded, without the query
   */
  match(verb: string, path: string): Match<T>;
}

interface Leaf<T> {
  readonly target: T;
  readonly label: string;
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  param?: Node<T>;
  /** By verb, for paths that end here. */
  readonly here: Map<string, Leaf<T>>;
  /** By verb, for wildcards that take the rest from here. */
  readonly rest: Map<string, Leaf<T>>;
}

const NOT_FOUND = { kind: "not_found" } as const;

/**
 * Makes a router.
 *
 * A trailing slash counts: `/a` and `/a/` are two paths. `HEAD` is served by the `GET` route unless there is one of its
 * own (RFC 9110 §9.3.2). A parameter takes one non-empty segment; a wildcard takes the rest, which may be empty.
 *
 * @throws {TypeError} When two routes have the same verb and, parameter names aside, the same path
 */
export function router<T>(routes: Iterable<Route<T>>): Router<T> {
  const root = node<T>();
  /** Where whole paths without parameters lead, by path: a literal goes before all else at each segment. */
  const literal = new Map<string, Map<string, Leaf<T>>>();
  const conflicts: string[] = [];
  for (const { route, label, target } of routes) {
    const { leaves } = place(root, route.segments);
    const path = literalPath(route.segments);
    if (path !== undefined) literal.set(path, leaves);
    const taken = leaves.get(route.verb);
    if (taken === undefined) leaves.set(route.verb, { target, label });
    else conflicts.push(`${route.verb} ${route.path} of ${label} is already the route of ${taken.label}`);
  }
  if (conflicts.length > 0) throw new TypeError(`Cannot serve these together: ${conflicts.join("; ")}`);

  return {
    match(verb, path) {
      // None of these has a percent sign, so a path that is one of them has none to decode.
      const known = literal.get(path)?.get(verb);
      if (known !== undefined) return { kind: "found", target: known.target, params: [] };
      const raw = path.split("/");
      raw.shift();
      const decoded: string[] = [];
      for (const segment of raw) {
        const text = decodeSegment(segment);
        if (text === undefined) return { kind: "malformed", segment };
        decoded.push(text);
      }
      const allow = new Set<string>();
      const params: string[] = [];
      const leaf = find(root, 0, verb, raw, decoded, params, allow);
      if (leaf !== undefined) return { kind: "found", target: leaf.target, params };
      if (allow.size === 0) return NOT_FOUND;
      if (allow.has("GET")) allow.add("HEAD");
      return { kind: "method_not_allowed", allow: [...allow].sort() };
    },
  };
}

function node<T>(): Node<T> {
  return { literals: new Map(), here: new Map(), rest: new Map() };
}

function place<T>(root: Node<T>, segments: readonly SegmentModel[]): { leaves: Map<string, Leaf<T>> } {
  let at = root;
  for (const segment of segments) {
    if (segment.kind === "literal") {
      let next = at.literals.get(segment.text);
      if (next === undefined) at.literals.set(segment.text, next = node());
      at = next;
    } else if (segment.wildcard) {
      return { leaves: at.rest };
    } else {
      at = at.param ??= node();
    }
  }
  return { leaves: at.here };
}

/** The path of segments that are texts, and are the same in a URL. */
function literalPath(segments: readonly SegmentModel[]): string | undefined {
  const plain = segments.every((segment) => segment.kind === "literal" && !/[%/]/.test(segment.text));
  return plain ? segments.map((segment) => `/${(segment as { text: string }).text}`).join("") : undefined;
}

/** Goes on to less specific routes when a more specific one lacks the verb, as Goa's muxer does. */
function find<T>(
  at: Node<T>,
  index: number,
  verb: string,
  raw: readonly string[],
  decoded: readonly string[],
  params: string[],
  allow: Set<string>,
): Leaf<T> | undefined {
  if (index === raw.length) return pick(at.here, verb, allow);
  const text = decoded[index]!;
  const literal = at.literals.get(text);
  if (literal !== undefined) {
    const leaf = find(literal, index + 1, verb, raw, decoded, params, allow);
    if (leaf !== undefined) return leaf;
  }
  if (at.param !== undefined && text !== "") {
    params.push(raw[index]!);
    const leaf = find(at.param, index + 1, verb, raw, decoded, params, allow);
    if (leaf !== undefined) return leaf;
    params.pop();
  }
  if (at.rest.size === 0) return undefined;
  const leaf = pick(at.rest, verb, allow);
  if (leaf !== undefined) params.push(raw.slice(index).join("/"));
  return leaf;
}

function pick<T>(leaves: Map<string, Leaf<T>>, verb: string, allow: Set<string>): Leaf<T> | undefined {
  const leaf = leaves.get(verb) ?? (verb === "HEAD" ? leaves.get("GET") : undefined);
  if (leaf === undefined) { for (const other of leaves.keys()) allow.add(other); }
  return leaf;
}

/** One segment without its percent-encoding; `undefined` when it is malformed. */
export function decodeSegment(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
