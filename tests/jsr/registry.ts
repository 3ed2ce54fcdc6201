/**
 * A registry on this machine that speaks JSR's protocol, as much of it as `deno publish`, `deno add` and imports do.
 * Packages come in packed by `deno publish` itself: what it leaves out is not there, and what it rewrites is rewritten.
 */
import { createHash } from "node:crypto";
import { filesOf } from "./tar.ts";

/** A version of a package. */
interface Version {
  readonly exports: Readonly<Record<string, string>>;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly manifest: Readonly<Record<string, { readonly size: number; readonly checksum: string }>>;
}

/** A registry that runs. */
export interface Registry extends AsyncDisposable {
  /** What `JSR_URL` shall be. */
  readonly url: string;
  /** Paths of the files of packages that were asked for. */
  readonly asked: ReadonlySet<string>;
  /** Publishes the package in a folder, from a configuration there. */
  publish(folder: URL, config: string): Promise<void>;
  /** The files of a package, such as `@x/goats/0.1.0`, by path. */
  files(version: string): ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

const VERSION = /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)\/versions\/([^/]+)$/;
const META = /^\/@([^/]+)\/([^/]+)\/(?:([^/]+)_)?meta\.json$/;
const FILE = /^\/(@[^/]+\/[^/]+\/[^/]+)(\/.+)$/;

/** Starts a registry without packages. */
export function startRegistry(): Registry {
  const versions = new Map<string, Version>();
  const asked = new Set<string>();

  function api(path: string): Response {
    if (VERSION.test(path)) return Response.json({ code: "packageVersionNotFound" }, { status: 404 });
    const [, scope, name] = /^\/api\/scopes\/([^/]+)\/packages\/([^/]+)$/.exec(path) ?? [];
    return Response.json({ scope, name, description: "", versionCount: 0, runtimeCompat: {} });
  }

  async function take(request: Request, path: string, config: string): Promise<Response> {
    const [, scope, name, version] = VERSION.exec(path)!;
    const packed = request.body!.pipeThrough(new DecompressionStream("gzip"));
    const files = filesOf(await new Response(packed).bytes());
    const { exports } = JSON.parse(new TextDecoder().decode(files.get(config)));
    const manifest: Record<string, { size: number; checksum: string }> = {};
    for (const [file, bytes] of files) {
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      manifest[file] = { size: bytes.length, checksum: `sha256-${sha256}` };
    }
    versions.set(`@${scope}/${name}/${version}`, {
      exports: typeof exports === "string" ? { ".": exports } : exports,
      files,
      manifest,
    });
    return Response.json({ id: "1", status: "success", error: null });
  }

  function meta(path: string): Response | undefined {
    const [, scope, name, version] = META.exec(path) ?? [];
    const prefix = `@${scope}/${name}/`;
    if (version !== undefined) {
      const { exports, manifest } = versions.get(prefix + version) ?? {};
      return exports && Response.json({ exports, manifest });
    }
    const all = [...versions.keys()].filter((key) => key.startsWith(prefix)).map((key) =>
      key.slice(prefix.length)
    );
    if (all.length === 0) return undefined;
    return Response.json({
      scope,
      name,
      latest: all.at(-1),
      versions: Object.fromEntries(all.map((version) => [version, {}])),
    });
  }

  function file(path: string): Response | undefined {
    const [, version = "", name = ""] = FILE.exec(path) ?? [];
    const bytes = versions.get(version)?.files.get(name);
    if (bytes === undefined) return undefined;
    asked.add(path);
    const type = name.endsWith(".ts") ? "text/typescript" : "application/octet-stream";
    return new Response(bytes, { headers: { "content-type": type } });
  }

  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === "POST") return await take(request, pathname, searchParams.get("config") ?? "");
    if (pathname.startsWith("/api/")) return api(pathname);
    return (META.test(pathname) ? meta(pathname) : file(pathname)) ?? new Response("none", { status: 404 });
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  return {
    url,
    asked,
    async publish(folder, config) {
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        // Whatever it is told, it goes to JSR_URL: this process.
        args: [
          "publish",
          "--allow-dirty",
          "--no-lock",
          "--no-provenance",
          "--token=none",
          `--config=${config}`,
        ],
        cwd: folder,
        env: { JSR_URL: url, NO_COLOR: "1" },
      }).output();
      if (!success) throw new Error(`Cannot publish ${folder}: ${new TextDecoder().decode(stderr)}`);
    },
    files(version) {
      const found = versions.get(version);
      if (found === undefined) throw new Error(`Cannot look into ${version}: it was not published`);
      return found.files;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
