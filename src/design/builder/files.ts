/**
 * Resolves `Files` and `Redirect`.
 *
 * @module
 */
import type { FilesPart, RedirectPart } from "../files_parts.ts";
import { record } from "../freeze.ts";
import type { FilesModel, RedirectModel, RouteModel } from "../model.ts";
import type { ResponsePart } from "../parts.ts";
import { describe } from "./describe.ts";
import type { Core } from "./method.ts";
import { joinPaths, segmentsOf, shapeOf } from "./path.ts";
import { report, type Scope } from "./scope.ts";
import type { Shared } from "./service.ts";

/** Resolves the files of a service, once its methods have their routes. */
export function resolveFiles(
  scope: Scope,
  parts: readonly FilesPart[],
  shared: Shared,
): readonly FilesModel[] {
  return Object.freeze(parts.map((part) => resolveOne(scope, part, shared)));
}

function resolveOne(scope: Scope, part: FilesPart, shared: Shared): FilesModel {
  const what = `Files "${part.path}"`;
  let description: string | undefined;
  const meta: Record<string, readonly string[]> = record();
  const redirects: RedirectPart[] = [];
  for (const member of part.parts) {
    if (typeof member === "string") description = member;
    else if (member?.kind === "description") description = member.text;
    else if (member?.kind === "meta") meta[member.name] = member.values;
    else if (member?.kind === "redirect") redirects.push(member);
    else report(scope, `${describe(member)} has no place in ${what}`);
  }
  if (part.file === "") report(scope, `${what} names no file`);
  const redirect = resolveRedirect(scope, redirects);
  const bases = part.path.startsWith("//") || shared.http.paths.length === 0 ? [""] : shared.http.paths;
  const routes = bases.map((base): RouteModel => {
    const path = joinPaths(base, part.path);
    const segments = segmentsOf(scope, path, (name) => name);
    if (segments.some((segment) => segment.kind === "param" && !segment.wildcard)) {
      report(scope, `${what}: the only parameter of a path of files is a wildcard, as in "/{*path}"`);
    }
    const shape = `GET ${shapeOf(segments)}`;
    const other = shared.routes.get(shape);
    if (other !== undefined) report(scope, `${what}: GET "${path}" is the route of ${quoted(other)} already`);
    shared.routes.set(shape, what);
    return Object.freeze({ verb: "GET", path, segments });
  });
  return Object.freeze({
    routes: Object.freeze(routes),
    file: part.file,
    directory: routes[0]?.segments.at(-1)?.kind === "param",
    ...(description === undefined ? {} : { description }),
    ...(redirect === undefined ? {} : { redirect }),
    meta: Object.freeze(meta),
  });
}

function quoted(owner: string): string {
  return owner.startsWith("Files ") ? owner : `method "${owner}"`;
}

/** Resolves a redirection. */
export function resolveRedirect(scope: Scope, parts: readonly RedirectPart[]): RedirectModel | undefined {
  if (parts.length > 1) report(scope, "Redirect is there twice");
  if (parts[0] === undefined) return undefined;
  const { url, status } = parts[0];
  if (![300, 301, 302, 303, 307, 308].includes(status)) {
    report(scope, `Redirect: ${status} is no status of a redirection`);
  }
  if (url === "" || !/^[\x21-\x7e]+$/.test(url)) report(scope, `Redirect: ${JSON.stringify(url)} is no URL`);
  return Object.freeze({ url, status });
}

/** Goa's rule, and what follows from a method that never runs. */
export function checkRedirect(
  scope: Scope,
  redirect: RedirectModel,
  core: Core,
  successes: readonly ResponsePart[],
): void {
  if (successes.some(({ code }) => code !== redirect.status)) {
    report(scope, "Redirect answers by itself: it stands with no Response of another status");
  }
  if (core.kind !== "unary") report(scope, "Redirect: a stream cannot be sent on");
  else if (core.result !== undefined) {
    report(scope, "Redirect answers without a result, but the method has one");
  }
}
