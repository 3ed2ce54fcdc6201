/**
 * Imports design modules and finds the services that they export.
 *
 * @module
 */
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ServiceDesign } from "../design/method_types.ts";
import type { DesignProblem } from "../design/design_error.ts";

/** A design that cannot be had: the message says all that its author needs, without a stack. */
export class LoadError extends Error {
  /** Always `"LoadError"`. */
  override readonly name: string = "LoadError";
}

/** An exported service. */
export interface LoadedService {
  /** What `Service(...)` returned. */
  readonly design: ServiceDesign;
  /** The module, as it was named. */
  readonly module: string;
  /** Name of the export. */
  readonly exported: string;
}

/**
 * Imports modules and gives the services they export, by name. One that several of them export is there once.
 *
 * @param modules Paths, relative to the working directory, or URLs (`file:`, `https:`, `jsr:`, `npm:`)
 * @throws {LoadError} When a module is not there, breaks a rule of the design, throws, or exports no service; when two
 * services have one name
 */
export async function loadServices(modules: readonly string[]): Promise<readonly LoadedService[]> {
  const found = new Map<string, LoadedService>();
  for (const module of modules) {
    const services = servicesOf(await importDesign(module), module);
    if (services.length === 0) {
      throw new LoadError(`${module} exports no service: export what Service(...) returns`);
    }
    for (const service of services) {
      const { name, model } = service.design;
      const known = found.get(name);
      if (known === undefined) found.set(name, service);
      else if (known.design.model !== model) {
        throw new LoadError(
          `two services are named "${name}": ${known.exported} of ${known.module} and ${service.exported} of ${module}`,
        );
      }
    }
  }
  return [...found.values()].sort((a, b) => a.design.name < b.design.name ? -1 : 1);
}

function servicesOf(exports: Record<string, unknown>, module: string): LoadedService[] {
  return Object.entries(exports).flatMap(([exported, value]) =>
    isService(value) ? [{ design: value, module, exported }] : []
  );
}

/** Told by what it is made of: the design may have been built by another copy of goats. */
function isService(value: unknown): value is ServiceDesign {
  const { kind, name, model } = (value ?? {}) as Partial<Record<keyof ServiceDesign, unknown>>;
  return kind === "service" && typeof name === "string" && typeof model === "object" && model !== null;
}

async function importDesign(module: string): Promise<Record<string, unknown>> {
  const url = urlOf(module);
  if (url.startsWith("file:")) await checkFile(url, module);
  try {
    return await importUrl(url);
  } catch (error) {
    throw new LoadError(reasonOf(error, module), { cause: error });
  }
}

/**
 * `import(url)`, out of sight of `deno publish`: it warns of imports that it cannot rewrite. The modules of users need
 * no rewriting, their URLs are whole.
 */
const importUrl = new Function("url", "return import(url)") as (
  url: string,
) => Promise<Record<string, unknown>>;

/** Windows has drive letters where URLs have schemes. */
function urlOf(module: string): string {
  if (!isAbsolute(module) && /^[a-z][a-z\d+.-]+:/i.test(module)) return module;
  return pathToFileURL(resolve(module)).href;
}

async function checkFile(url: string, module: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(new URL(url));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new LoadError(`there is no file ${module}`);
    throw new LoadError(`Cannot read ${module}: ${messageOf(error)}`);
  }
  if (!info.isFile) throw new LoadError(`${module} is no file: name the module of a design`);
}

function reasonOf(error: unknown, module: string): string {
  const problems = problemsOf(error);
  if (problems !== undefined) {
    const lines = problems.map(({ location, service, method, attribute, message }) => {
      const where = [method === undefined ? service : `${service}.${method}`, attribute].filter((part) =>
        part
      );
      return `  ${location === undefined ? "" : `${location}: `}${where.join(" ")}: ${message}`;
    });
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    return `${module} breaks the rules of designs: ${count}\n${lines.join("\n")}`;
  }
  const place = placeOf(error);
  return `Cannot import ${module}: ${messageOf(error)}${place === undefined ? "" : ` (${place})`}`;
}

function problemsOf(error: unknown): readonly DesignProblem[] | undefined {
  const { name, problems } = (error ?? {}) as { readonly name?: unknown; readonly problems?: unknown };
  return name === "DesignError" && Array.isArray(problems) ? problems : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : `${error}`;
}

/** Where a module threw, when the error does not say so itself. */
function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.message.includes("file://")) return undefined;
  const frame = /file:\/\/(\S+?:\d+):\d+/.exec(error.stack ?? "");
  return frame === null ? undefined : decodeURI(frame[1]!);
}
