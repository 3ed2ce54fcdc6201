/** Static files, redirections and calls from pages of other origins. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as d from "../src/design/mod.ts";
import { implement } from "../src/core/implement.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { httpClient } from "../src/http/client.ts";
import { httpHandler } from "../src/http/handler.ts";

const root = await Deno.makeTempDir();
await Deno.mkdir(`${root}/public/docs`, { recursive: true });
await Deno.mkdir(`${root}/public/empty`);
await Deno.writeTextFile(`${root}/secret.txt`, "secret");
await Deno.writeTextFile(`${root}/public/a b.css`, "body {}");
await Deno.writeTextFile(`${root}/public/index.html`, "<p>home</p>");
await Deno.writeTextFile(`${root}/public/docs/index.html`, "<p>docs</p>");
await Deno.writeTextFile(`${root}/public/docs/x.unknown`, "x");
await Deno.symlink(`${root}/secret.txt`, `${root}/public/link.txt`);
await Deno.symlink(`${root}`, `${root}/public/up`);
await Deno.symlink(`${root}/public/docs`, `${root}/public/inside`);
await Deno.mkdir(`${root}/public-secret`);
await Deno.writeTextFile(`${root}/public-secret/s.txt`, "secret");
await Deno.symlink(`${root}/public-secret/s.txt`, `${root}/public/sibling.txt`);
globalThis.addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

const site = d.Service(
  "site",
  d.HTTP(d.Path("/v1")),
  d.Files("/{*path}", `${root}/public`, "All of it"),
  d.Files("//robots.txt", `${root}/public/a b.css`),
  d.Files("/gone", `${root}/missing`),
  d.Files("/old.html", "unused", d.Redirect("/v1/index.html", d.StatusMovedPermanently)),
  d.Method(
    "moved",
    d.Payload(d.Field(1, "id", d.Int)),
    d.HTTP(d.GET("/moved/{id}"), d.Redirect("/new", d.StatusFound)),
  ),
  d.Method("ping", d.Result(d.String), d.HTTP(d.POST("/ping"))),
  d.Method(
    "greet",
    d.Payload(d.Field(1, "name", d.String), d.Required("name")),
    d.Result(d.String),
    d.HTTP(d.PUT("/greet"), d.POST("/greet")),
  ),
  d.Method("tick", d.StreamingResult(d.Int), d.HTTP(d.GET("/tick"))),
);
const errors: ServiceError[] = [];
const served = implement(site, {
  moved: () => {
    throw new Error("a redirection has no handler");
  },
  ping: () => "pong",
  greet: ({ payload }) => `hi ${payload.name}`,
  async *tick() {
    yield await 1;
  },
});
const handler = httpHandler([served], { onError: (error) => errors.push(error) });

const get = async (path: string, init?: RequestInit): Promise<[number, string]> => {
  const response = await handler(new Request(`http://localhost${path}`, init));
  return [response.status, await response.text()];
};

Deno.test("Files: what is in a directory, with its type", async () => {
  const response = await handler(new Request("http://localhost/v1/a%20b.css"));
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/css; charset=utf-8");
  assertEquals(response.headers.get("content-length"), "7");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  assertEquals(await response.text(), "body {}");
  assertEquals(await get("/v1/"), [200, "<p>home</p>"]);
  assertEquals(await get("/v1/docs/"), [200, "<p>docs</p>"]);
  assertEquals(await get("/v1/docs/x.unknown"), [200, "x"]);
  assertEquals(await get("/v1/inside/x.unknown"), [200, "x"]);
  assertEquals(await get("/robots.txt"), [200, "body {}"]);
  const docs = await handler(new Request("http://localhost/v1/docs"));
  assertEquals([docs.status, docs.headers.get("location")], [301, "/v1/docs/"]);
});

Deno.test("Files: nothing outside of the directory", async () => {
  const paths = [
    "/v1/%2e%2e/secret.txt",
    "/v1/..%2fsecret.txt",
    "/v1/docs/..%2f..%2fsecret.txt",
    "/v1/%2e%2e%5csecret.txt",
    "/v1/..%5c..%5csecret.txt",
    "/v1//secret.txt",
    "/v1//etc/passwd",
    "/v1/%2fetc%2fpasswd",
    "/v1/link.txt",
    "/v1/up/secret.txt",
    "/v1/sibling.txt",
    "/v1/a%00.css",
    "/v1/empty/",
    "/v1/empty",
    "/v1/a%20b.css/",
    "/v1/a%20b.css/x",
    "/v1/nope",
    "/v1/gone",
    `/v1/${"a".repeat(300)}`,
    "/v1/C:%5csecret.txt",
  ];
  for (const path of paths) {
    // A server sees paths as they were sent, before any URL parser has cleaned them.
    const request = new Request("http://localhost/");
    Object.defineProperty(request, "url", { value: `http://localhost${path}` });
    const response = await handler(request);
    const text = await response.text();
    assert(!text.includes("secret") || path.includes("secret"), path);
    assertEquals([path, response.status], [path, 404]);
    assert(response.status >= 400, path);
  }
});

Deno.test("Files: HEAD, conditions and other verbs, over a real server", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const url = `http://127.0.0.1:${server.addr.port}/v1/a%20b.css`;
  try {
    const head = await fetch(url, { method: "HEAD" });
    assertEquals([head.status, head.headers.get("content-length"), await head.text()], [200, "7", ""]);
    const etag = head.headers.get("etag")!;
    const same = await fetch(url, { headers: { "if-none-match": `"x", ${etag}` } });
    assertEquals([same.status, await same.text()], [304, ""]);
    const since = head.headers.get("last-modified")!;
    const old = await fetch(url, { headers: { "if-modified-since": since } });
    assertEquals([old.status, await old.text()], [304, ""]);
    const changed = await fetch(url, { headers: { "if-none-match": '"x"', "if-modified-since": since } });
    assertEquals([changed.status, await changed.text()], [200, "body {}"]);
    const post = await fetch(url, { method: "POST", body: "x" });
    assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
    await post.body?.cancel();
  } finally {
    await server.shutdown();
  }
});

Deno.test("Redirect: sends on without a handler; a client does not follow", async () => {
  for (const [path, status, location] of [["moved/7", 302, "/new"], ["old.html", 301, "/v1/index.html"]]) {
    const response = await handler(new Request(`http://localhost/v1/${path}`));
    assertEquals([response.status, response.headers.get("location")], [status, location]);
  }
  assertEquals(errors, []);
  await using client = httpClient(site, "http://localhost", { fetch: handler });
  assertEquals(await client.moved({ id: 7 }), undefined);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  try {
    await using real = httpClient(site, `http://127.0.0.1:${server.addr.port}`);
    assertEquals(await real.moved({ id: 7 }), undefined);
  } finally {
    await server.shutdown();
  }
});

const cross = (path: string, init: RequestInit & { origin?: string } = {}): Request =>
  new Request(`http://api.example${path}`, {
    ...init,
    headers: { host: "api.example", origin: init.origin ?? "https://app.example", ...init.headers },
  });

Deno.test("CORS: pages of allowed origins may call and read", async () => {
  const open = httpHandler([served], {
    origins: ["https://app.example"],
    cors: { credentials: true, maxAge: 5 },
  });
  const asked = {
    method: "OPTIONS",
    headers: { "access-control-request-method": "PUT", "access-control-request-headers": "content-type,x-y" },
  };
  const preflight = await open(cross("/v1/greet", asked));
  assertEquals(preflight.status, 204);
  assertEquals(Object.fromEntries(preflight.headers), {
    "access-control-allow-credentials": "true",
    "access-control-allow-headers": "content-type,x-y",
    "access-control-allow-methods": "PUT",
    "access-control-allow-origin": "https://app.example",
    "access-control-max-age": "5",
    "vary": "access-control-request-method, access-control-request-headers, origin",
  });
  const headers = { "content-type": "application/json" };
  const called = await open(cross("/v1/greet", { method: "PUT", headers, body: '{"name":"Ann"}' }));
  assertEquals(await called.text(), '"hi Ann"');
  assertEquals(called.headers.get("access-control-allow-origin"), "https://app.example");
  assertEquals(called.headers.get("vary"), "origin");
  const failed = await open(cross("/v1/greet", { method: "PUT", headers, body: "{}" }));
  assertEquals([failed.status, failed.headers.get("access-control-expose-headers")], [400, "goa-error"]);
  await failed.body?.cancel();

  const other = await open(cross("/v1/greet", { ...asked, origin: "https://evil.example" }));
  assertEquals([other.status, other.headers.get("access-control-allow-origin")], [204, null]);
  assertEquals(other.headers.get("access-control-allow-methods"), null);
  const nowhere = await open(cross("/nowhere", asked));
  assertEquals(nowhere.status, 404);
  const any = httpHandler([served], { origins: "*" });
  const star = await any(cross("/v1/ping", { method: "POST" }));
  assertEquals(
    [star.headers.get("access-control-allow-origin"), star.headers.get("vary"), await star.text()],
    [
      "*",
      null,
      '"pong"',
    ],
  );
  assertThrows(() => httpHandler([served], { origins: "*", cors: { credentials: true } }), TypeError);
});

Deno.test("CORS: by default only the server's own pages; what browsers send unasked is refused", async () => {
  const ask = async (path: string, init: RequestInit & { origin?: string }) => {
    const response = await handler(cross(path, init));
    const allowed = response.headers.get("access-control-allow-origin");
    return [response.status, allowed, await response.text()];
  };
  const asked = { method: "OPTIONS", headers: { "access-control-request-method": "PUT" } };
  assertEquals((await ask("/v1/greet", asked)).slice(0, 2), [405, null]);
  const [status, , text] = await ask("/v1/ping", { method: "POST" });
  assertEquals([status, JSON.parse(text as string).message], [403, "site.ping: this origin may not call"]);
  assertEquals(await ask("/v1/ping", { method: "POST", origin: "https://api.example" }), [
    200,
    null,
    '"pong"',
  ]);
  assertEquals(await get("/v1/ping", { method: "POST" }), [200, '"pong"']);
});

Deno.test("CORS: streams still open for allowed origins alone", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    httpHandler([served], { origins: ["https://app.example"] }),
  );
  try {
    const url = `http://127.0.0.1:${server.addr.port}`;
    await using client = httpClient(site, url, { headers: { origin: "https://app.example" } });
    assertEquals(await Array.fromAsync(client.tick()), [1]);
    await using other = httpClient(site, url, { headers: { origin: "https://evil.example" } });
    const error = await assertRejects(() => Array.fromAsync(other.tick()), ServiceError);
    assertEquals(error.name, "forbidden");
  } finally {
    await server.shutdown();
  }
});

const broken: Record<string, [() => unknown, ...string[]]> = {
  "Files names a file": [() => d.Service("s", d.Files("/a", "")), 'Files "/a" names no file'],
  "Files has a wildcard alone": [
    () => d.Service("s", d.Files("/{a}/{*b}", "x")),
    'Files "/{a}/{*b}": the only parameter of a path of files is a wildcard, as in "/{*path}"',
  ],
  "Files has a route of its own": [
    () =>
      d.Service(
        "s",
        d.Files("/a", "x"),
        d.Files("/a", "y"),
        d.Method("m", d.HTTP(d.GET("/b"))),
        d.Files("/b", "z"),
      ),
    'Files "/a": GET "/a" is the route of Files "/a" already',
    'Files "/b": GET "/b" is the route of method "m" already',
  ],
  "Redirect has a status of its own": [
    () => d.Service("s", d.Files("/a", "x", d.Redirect("/b", 200))),
    "Redirect: 200 is no status of a redirection",
  ],
  "Redirect has a URL": [
    () => d.Service("s", d.Method("m", d.HTTP(d.GET("/a"), d.Redirect("a b\r\n", 301)))),
    'Redirect: "a b\\r\\n" is no URL',
  ],
  "Redirect stands once": [
    () => d.Service("s", d.Method("m", d.HTTP(d.GET("/a"), d.Redirect("/b", 301), d.Redirect("/c", 301)))),
    "Redirect is there twice",
  ],
  "Redirect has no Response": [
    () => d.Service("s", d.Method("m", d.HTTP(d.GET("/a"), d.Redirect("/b", 301), d.Response(204)))),
    "Redirect answers by itself: it stands with no Response of another status",
  ],
  "Redirect has no result": [
    () => d.Service("s", d.Method("m", d.Result(d.Int), d.HTTP(d.GET("/a"), d.Redirect("/b", 301)))),
    "Redirect answers without a result, but the method has one",
  ],
  "Redirect sends no stream on": [
    () => d.Service("s", d.Method("m", d.StreamingResult(d.Int), d.HTTP(d.GET("/a"), d.Redirect("/b", 301)))),
    "Redirect: a stream cannot be sent on",
  ],
  "Redirect stands in methods": [
    () => d.Service("s", d.HTTP(d.Redirect("/b", 301))),
    "Redirect stands only in methods and Files",
  ],
};
for (const [name, [make, ...messages]] of Object.entries(broken)) {
  Deno.test(`rule: ${name}`, () => {
    assertEquals(assertThrows(make, d.DesignError).problems.map(({ message }) => message), messages);
  });
}

Deno.test("files that two services serve in one place cannot be served together", () => {
  const make = (name: string) => implement(d.Service(name, d.Files("/x", "y")), {});
  const error = assertThrows(() => httpHandler([make("a"), make("b")]), TypeError);
  assertEquals(
    error.message,
    'Cannot serve these together: GET /x of b: Files "/x" is already the route of a: Files "/x"',
  );
});
