/**
 * Paths with parameters. Goa's rules: a parameter is a whole segment; the paths of a service lead those of its methods,
 * unless these begin with `//`.
 *
 * @module
 */
import type { SegmentModel } from "../model.ts";
import { report, type Scope } from "./scope.ts";

/** Joins a base path and the path of a route. */
export function joinPaths(base: string, path: string): string {
  if (path.startsWith("//")) return clean(path.slice(1));
  const joined = clean(`${base}/${path}`);
  if (joined === "/") return joined;
  const slash = path === "/" || path === "" ? base.endsWith("/") : path.endsWith("/");
  return slash ? `${joined.replace(/\/$/, "")}/` : joined.replace(/\/$/, "");
}

function clean(path: string): string {
  const slash = path.endsWith("/");
  const names = path.split("/").filter((name) => name !== "");
  return names.length === 0 ? "/" : `/${names.join("/")}${slash ? "/" : ""}`;
}

/** Splits a full path. `/` has one segment, of no text; so has a slash at the end. */
export function segmentsOf(
  scope: Scope,
  path: string,
  attributeFor: (name: string) => string,
): readonly SegmentModel[] {
  const texts = path.slice(1).split("/");
  const names = new Set<string>();
  const segments = texts.map((text, index): SegmentModel => {
    const param = PARAM.exec(text);
    if (param === null) {
      if (/[{}]/.test(text)) {
        report(
          scope,
          `path "${path}": "${text}" is no parameter; a parameter is a whole segment, as in "/{id}"`,
        );
      }
      if (/[?#\s]/.test(text)) report(scope, `path "${path}": "${text}" has characters that no path has`);
      return Object.freeze({ kind: "literal", text });
    }
    const name = param[3]!;
    const wildcard = param[1] !== undefined;
    if (wildcard && index < texts.length - 1) report(scope, `path "${path}": "${text}" is not at the end`);
    if (names.has(name)) report(scope, `path "${path}": parameter "${name}" is there twice`);
    names.add(name);
    return Object.freeze({ kind: "param", attribute: param[2] ?? attributeFor(name), name, wildcard });
  });
  return Object.freeze(segments);
}

const PARAM = /^\{(\*)?(?:([^{}:*]+):)?([^{}:*]+)\}$/;

/** The path as the router sees it: two routes of the same shape match the same requests. */
export function shapeOf(segments: readonly SegmentModel[]): string {
  return segments.map((segment) =>
    segment.kind === "literal" ? segment.text : segment.wildcard ? "{*}" : "{}"
  )
    .join("/");
}
