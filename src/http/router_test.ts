import { assertEquals, assertThrows } from "@std/assert";
import type { RouteModel, SegmentModel } from "../design/model.ts";
import { router } from "./router.ts";

function route(verb: string, path: string): RouteModel {
  const segments = path.slice(1).split("/").map((part): SegmentModel => {
    const param = /^\{(\*?)(.+)\}$/.exec(part);
    return param === null
      ? { kind: "literal", text: part }
      : { kind: "param", attribute: param[2]!, name: param[2]!, wildcard: param[1] === "*" };
  });
  return { verb, path, segments };
}

function make(...routes: string[]) {
  return router(routes.map((text) => {
    const [verb, path] = text.split(" ") as [string, string];
    return { route: route(verb, path), label: `svc.m (${text})`, target: text };
  }));
}

function found(target: string, ...params: string[]) {
  return { kind: "found" as const, target, params };
}

Deno.test("router prefers literals to parameters and parameters to wildcards", () => {
  const r = make("GET /{*rest}", "GET /a/{x}", "GET /a/b", "GET /a/{x}/c", "GET /a/b/d", "GET /{x}/b");
  assertEquals(r.match("GET", "/a/b"), found("GET /a/b"));
  assertEquals(r.match("GET", "/a/z"), found("GET /a/{x}", "z"));
  assertEquals(r.match("GET", "/q/b"), found("GET /{x}/b", "q"));
  // Literal "b" leads nowhere for "c": the parameter is tried after it.
  assertEquals(r.match("GET", "/a/b/c"), found("GET /a/{x}/c", "b"));
  assertEquals(r.match("GET", "/a/b/d"), found("GET /a/b/d"));
  assertEquals(r.match("GET", "/a/b/e"), found("GET /{*rest}", "a/b/e"));
  assertEquals(r.match("GET", "/"), found("GET /{*rest}", ""));
});

Deno.test("router takes trailing slashes exactly", () => {
  const r = make("GET /a", "GET /b/", "GET /", "GET /p/{x}", "GET /w/{*rest}");
  assertEquals(r.match("GET", "/a"), found("GET /a"));
  assertEquals(r.match("GET", "/a/").kind, "not_found");
  assertEquals(r.match("GET", "/b").kind, "not_found");
  assertEquals(r.match("GET", "/b/"), found("GET /b/"));
  assertEquals(r.match("GET", "/"), found("GET /"));
  assertEquals(r.match("GET", "//").kind, "not_found");
  assertEquals(r.match("GET", "/p/").kind, "not_found");
  assertEquals(r.match("GET", "/p/1/").kind, "not_found");
  assertEquals(r.match("GET", "/w").kind, "not_found");
  assertEquals(r.match("GET", "/w/"), found("GET /w/{*rest}", ""));
  assertEquals(r.match("GET", "/w/a//b/"), found("GET /w/{*rest}", "a//b/"));
});

Deno.test("router decodes each segment by itself, and refuses malformed ones", () => {
  const r = make("GET /caf\u00e9/{x}", "GET /a/b", "GET /constructor/{x}");
  assertEquals(r.match("GET", "/caf%C3%A9/1%2F2"), found("GET /caf\u00e9/{x}", "1%2F2"));
  assertEquals(r.match("GET", "/a%2Fb").kind, "not_found");
  assertEquals(r.match("GET", "/%61/%62"), found("GET /a/b"));
  assertEquals(r.match("GET", "/a/%zz"), { kind: "malformed", segment: "%zz" });
  assertEquals(r.match("GET", "/a/%ff"), { kind: "malformed", segment: "%ff" });
  assertEquals(r.match("GET", "/constructor/__proto__"), found("GET /constructor/{x}", "__proto__"));
  assertEquals(r.match("GET", "/__proto__/a").kind, "not_found");
});

Deno.test("router tells the verbs of a path, and serves HEAD by GET", () => {
  const r = make("GET /a", "POST /a", "DELETE /a", "POST /{x}", "PUT /{*r}", "HEAD /h", "GET /h");
  assertEquals(r.match("HEAD", "/a"), found("GET /a"));
  assertEquals(r.match("HEAD", "/h"), found("HEAD /h"));
  // A more specific path without the verb does not hide a less specific one that has it.
  assertEquals(r.match("PUT", "/a"), found("PUT /{*r}", "a"));
  assertEquals(r.match("PATCH", "/a"), {
    kind: "method_not_allowed",
    allow: ["DELETE", "GET", "HEAD", "POST", "PUT"],
  });
  assertEquals(r.match("PATCH", "/x/y"), { kind: "method_not_allowed", allow: ["PUT"] });
});

Deno.test("router names every pair of routes that are the same", () => {
  const error = assertThrows(
    () => make("GET /a/{x}", "GET /a/{y}", "POST /a/{x}", "GET /b", "GET /b", "GET /{*a}", "GET /{*b}"),
    TypeError,
  );
  assertEquals(
    error.message,
    "Cannot serve these together: GET /a/{y} of svc.m (GET /a/{y}) is already the route of svc.m (GET /a/{x}); " +
      "GET /b of svc.m (GET /b) is already the route of svc.m (GET /b); " +
      "GET /{*b} of svc.m (GET /{*b}) is already the route of svc.m (GET /{*a})",
  );
});

Deno.test("router finds what a slow search over all routes finds", () => {
  const parts = ["a", "b", "{p}", "{q}"];
  const paths: string[] = ["/", "/{*w}"];
  for (const x of parts) {
    paths.push(`/${x}`, `/${x}/`, `/${x}/{*w}`);
    for (const y of parts) paths.push(`/${x}/${y}`);
  }
  // One of each shape only, as others conflict.
  const unique = [...new Map(paths.map((p) => [p.replace(/\{\w\}/g, "{}"), p])).values()];
  const r = make(...unique.map((p) => `GET ${p}`));
  const rank = (path: string) =>
    path.split("/").slice(1).map((s) => s.startsWith("{*") ? "2" : s.startsWith("{") ? "1" : "0").join("");
  const matches = (path: string, url: string): boolean => {
    const source = path.replace(/\/\{\*\w\}$/, "/(.*)").replace(/\{\w\}/g, "([^/]+)");
    return new RegExp(`^${source}$`).test(url);
  };
  for (const x of ["a", "b", "c", ""]) {
    for (const y of [undefined, "a", "b", "c", ""]) {
      const url = y === undefined ? `/${x}` : `/${x}/${y}`;
      const best = unique.filter((p) => matches(p, url)).sort((m, n) => rank(m) < rank(n) ? -1 : 1)[0];
      const match = r.match("GET", url);
      assertEquals(match.kind === "found" ? match.target : undefined, best && `GET ${best}`, url);
    }
  }
});
