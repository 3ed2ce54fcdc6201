/**
 * Answers that need no handler: static files and redirections.
 *
 * @module
 */
import type { FilesModel, RedirectModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { contentTypeOf } from "./content_types.ts";
import { refusal } from "./error_response.ts";
import { decodeSegment } from "./router.ts";
import { urlParts } from "./url_parts.ts";

/** Answers a request on a route without a method. */
export type Answer = (request: Request, params: readonly string[]) => Response | Promise<Response>;

/** Sends requests on. */
export function redirectAnswer({ url, status }: RedirectModel): Answer {
  return () => new Response(null, { status, headers: { location: url } });
}

interface FileInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly size: number;
  readonly mtime: Date | null;
}

interface OpenFile {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  stat(): Promise<FileInfo>;
  close(): void;
}

/** What of Deno is used; looked up when the first file is asked for, so that this module can be loaded anywhere. */
interface Runtime {
  realPath(path: string): Promise<string>;
  open(path: string, options: { read: true }): Promise<OpenFile>;
}

/** Serves a file, or what is in a directory. Needs `--allow-read` for it. */
export function filesAnswer(files: FilesModel): Answer {
  if (files.redirect !== undefined) return redirectAnswer(files.redirect);
  return async (request, params) => {
    const { path } = urlParts(request.url);
    const parts = files.directory ? partsOf(params[0] ?? "") : [];
    if (parts === undefined) return notFound(path);
    const { Deno } = globalThis as { Deno?: Runtime };
    if (Deno === undefined) throw new TypeError("Cannot serve files: only Deno can");
    try {
      const root = await Deno.realPath(files.file);
      const real = parts.length === 0 ? root : await Deno.realPath([root, ...parts].join("/"));
      // A link may lead out of the directory: what it leads to was never meant.
      if (real !== root && !isWithin(root, real)) return notFound(path);
      return await answerWith(Deno, request, real, files.directory ? root : undefined, path);
    } catch (error) {
      if (isMissing(error)) return notFound(path);
      throw error;
    }
  };
}

/** Serves the file at a path without links; of a directory its `index.html`. */
async function answerWith(
  runtime: Runtime,
  request: Request,
  real: string,
  root: string | undefined,
  path: string,
): Promise<Response> {
  const file = await runtime.open(real, { read: true });
  let taken = false;
  try {
    const info = await file.stat();
    if (info.isDirectory && root !== undefined && !real.endsWith("/index.html")) {
      const index = await runtime.realPath(`${real}/index.html`);
      if (!isWithin(root, index)) return notFound(path);
      // Links in it are relative to the directory.
      if (!path.endsWith("/")) return new Response(null, { status: 301, headers: { location: `${path}/` } });
      return await answerWith(runtime, request, index, root, path);
    }
    // `file.html/` is no file's path.
    if (!info.isFile || (root !== undefined && path.endsWith("/") && !real.endsWith("index.html"))) {
      return notFound(path);
    }
    const headers = fileHeaders(real, info);
    if (isFresh(request.headers, headers, info)) return new Response(null, { status: 304, headers });
    headers.set("content-length", String(info.size));
    if (request.method === "HEAD") return new Response(null, { headers });
    taken = true;
    return new Response(file.readable, { headers });
  } finally {
    if (!taken) file.close();
  }
}

function fileHeaders(path: string, { size, mtime }: FileInfo): Headers {
  // The type is what the name says, and nothing that a browser finds in uploaded bytes.
  const headers = new Headers({ "content-type": contentTypeOf(path), "x-content-type-options": "nosniff" });
  if (mtime !== null) {
    headers.set("last-modified", mtime.toUTCString());
    headers.set("etag", `W/"${size.toString(36)}-${mtime.getTime().toString(36)}"`);
  }
  return headers;
}

/** RFC 9110, section 13.2.2: `If-None-Match` before `If-Modified-Since`. */
function isFresh(asked: Headers, headers: Headers, { mtime }: FileInfo): boolean {
  const match = asked.get("if-none-match");
  const etag = headers.get("etag");
  if (match !== null) {
    return match === "*" || (etag !== null && match.split(",").some((one) => weak(one) === weak(etag)));
  }
  const since = Date.parse(asked.get("if-modified-since") ?? "");
  return mtime !== null && Math.floor(mtime.getTime() / 1000) * 1000 <= since;
}

function weak(etag: string): string {
  return etag.trim().replace(/^W\//, "");
}

/** The names in a path below a directory; `undefined` when one of them could lead anywhere else. */
function partsOf(raw: string): string[] | undefined {
  if (raw === "") return [];
  const names = raw.replace(/\/$/, "").split("/").map((segment) => decodeSegment(segment) ?? "");
  return names.every((name) => name !== "" && name !== "." && name !== ".." && !UNSAFE.test(name))
    ? names
    : undefined;
}

/** Separators, drive letters and streams of any system, and control characters. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[/\\:\x00-\x1f\x7f]/;

function isWithin(root: string, path: string): boolean {
  const base = root.replace(/[/\\]$/, "");
  return path.startsWith(base) && /^[/\\]/.test(path.slice(base.length));
}

function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // No file has a name that long.
  if ((error as { code?: unknown }).code === "ENAMETOOLONG") return true;
  return ["NotFound", "NotADirectory", "FilesystemLoop", "IsADirectory"].includes(error.name);
}

function notFound(path: string): Response {
  return refusal(404, new ServiceError("not_found", `nothing is served at ${path}`));
}
