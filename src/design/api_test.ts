// What an API gives to its services, and its rules with their exact words.
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";
import type { PayloadOf } from "./mod.ts";

const {
  API,
  Contact,
  Default,
  Description,
  Docs,
  Email,
  Enum,
  Error,
  Field,
  Fault,
  GET,
  GRPC,
  Header,
  Host,
  HTTP,
  Int,
  License,
  Meta,
  Method,
  Name,
  Param,
  Path,
  Payload,
  POST,
  Required,
  Response,
  Result,
  Server,
  Service,
  Services,
  String,
  TermsOfService,
  Temporary,
  Title,
  Type,
  URI,
  URL,
  Variable,
  Version,
} = d;

/** Problems of a design as `method attribute: message`. */
function problems(build: () => unknown): string[] {
  const error = assertThrows(build, d.DesignError);
  return error.problems.map(({ method, attribute, message }) =>
    [method, attribute].filter((one) => one !== undefined).join(" ") + `: ${message}`
  );
}

// deno-lint-ignore no-explicit-any
const any = (part: unknown): any => part;

const Missing = Type("Missing", Field(1, "id", Int), Required("id"));

const winery = API(
  "winery",
  "Wine and what goes with it",
  Title("The winery"),
  Version("1.2"),
  TermsOfService("https://winery.example/terms"),
  Contact(Name("The cellar"), Email("cellar@winery.example"), URL("https://winery.example/cellar")),
  License(Name("MIT"), URL("https://winery.example/license")),
  Docs(Description("The manual"), URL("https://winery.example/manual")),
  Server(
    "public",
    "What the world sees",
    Services("cellar"),
    Host(
      "production",
      URI("https://{region}.winery.example:{port}/v1"),
      URI("grpcs://{region}.winery.example"),
      Variable("region", String, "Where it runs", Enum("eu", "us")),
      Variable("port", Int, Default(443)),
    ),
    Host("local", "On a desk", URI("http://localhost:8080")),
  ),
  Error("not_found", Missing),
  Error("busy", "Later, please", Temporary()),
  Error("broken", Fault()),
  HTTP(Path("/v1"), Response("not_found", d.StatusNotFound), Response("busy", d.StatusServiceUnavailable)),
  GRPC(Response("not_found", d.CodeNotFound), Response("busy", d.CodeUnavailable)),
  Meta("team", "wine"),
);

const cellar = Service(
  "cellar",
  winery,
  Docs("How to", URL("https://winery.example/cellar/manual")),
  Error("busy", "Too many at once", Temporary()),
  Error("closed"),
  HTTP(Path("/cellar"), Response("closed", d.StatusLocked), Response("busy", d.StatusTooManyRequests)),
  GRPC(Response("closed", d.CodeFailedPrecondition)),
  Method(
    "show",
    Docs(URL("https://winery.example/cellar/show")),
    Payload(Field(1, "id", Int), Required("id")),
    Result(String),
    Error("rotten"),
    HTTP(GET("/{id}"), Response("rotten", d.StatusGone)),
    GRPC(Response("rotten", d.CodeDataLoss), Response("not_found", d.CodeOutOfRange)),
  ),
  Method("outside", HTTP(GET("//health")), GRPC()),
);

Deno.test("an API is data that a service shows", () => {
  const { api } = cellar.model;
  assert(api !== undefined);
  const plain = JSON.parse(JSON.stringify({ ...api, errors: Object.keys(api.errors) }));
  const [production] = plain.servers[0].hosts;
  assertEquals(production.variables.region.validation, { enum: ["eu", "us"] });
  assertEquals(production.variables.port.default, 443);
  delete production.variables;
  assertEquals(plain, {
    name: "winery",
    description: "Wine and what goes with it",
    title: "The winery",
    version: "1.2",
    termsOfService: "https://winery.example/terms",
    contact: { name: "The cellar", email: "cellar@winery.example", url: "https://winery.example/cellar" },
    license: { name: "MIT", url: "https://winery.example/license" },
    docs: { description: "The manual", url: "https://winery.example/manual" },
    servers: [{
      name: "public",
      description: "What the world sees",
      services: ["cellar"],
      hosts: [
        {
          name: "production",
          uris: ["https://{region}.winery.example:{port}/v1", "grpcs://{region}.winery.example"],
          meta: {},
        },
        { name: "local", description: "On a desk", uris: ["http://localhost:8080"], variables: {}, meta: {} },
      ],
      meta: {},
    }],
    errors: ["not_found", "busy", "broken"],
    meta: { team: ["wine"] },
  });
  assertEquals(cellar.model.docs, { description: "How to", url: "https://winery.example/cellar/manual" });
  assertEquals(cellar.model.methods["show"]!.docs, { url: "https://winery.example/cellar/show" });
});

Deno.test("nothing of an API can change", () => {
  const loose: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (typeof value !== "object" || value === null) return;
    if (!Object.isFrozen(value)) loose.push(path);
    for (const [name, inner] of Object.entries(value)) walk(inner, `${path}.${name}`);
  };
  walk(winery, "winery");
  walk(cellar.model.api, "api");
  walk(Service("plain", API("bare")).model.api, "bare");
  assertEquals(loose, []);
});

Deno.test("services of one API share its model", () => {
  const shop = Service("shop", winery);
  assertStrictEquals(shop.model.api, cellar.model.api);
  assertStrictEquals(shop.model.errors["not_found"], cellar.model.errors["not_found"]);
});

Deno.test("an API that says little has Goa's defaults", () => {
  const { api } = Service("s", API("bare")).model;
  assertEquals(api!.version, "0.0.1");
  assertEquals(api!.servers.map(({ name, description, services }) => [name, description, [...services]]), [
    ["bare", "Default server for bare", []],
  ]);
  assertEquals(api!.servers[0]!.hosts.map(({ name, uris }) => [name, [...uris]]), [
    ["localhost", ["http://localhost:80", "grpc://localhost:8080"]],
  ]);
  const { api: served } = Service("s", API("a", Server("one"))).model;
  assertEquals(served!.servers[0]!.hosts.map(({ name, uris }) => [name, [...uris]]), [
    ["svc", ["http://localhost:80", "grpc://localhost:8080"]],
  ]);
});

Deno.test("errors: method, service, API", () => {
  const { errors, methods } = cellar.model;
  assertEquals(Object.keys(errors), ["busy", "closed", "not_found", "broken"]);
  assertEquals(errors["busy"]!.description, "Too many at once");
  const { errors: all, http, grpc } = methods["show"]!;
  assertEquals(Object.keys(all), ["rotten", "busy", "closed", "not_found", "broken"]);
  assertEquals(all["broken"]!.fault, true);
  assertEquals(Object.entries(http!.errors).map(([name, { status }]) => [name, status]), [
    ["rotten", 410],
    ["busy", 429],
    ["closed", 423],
    ["not_found", 404],
  ]);
  assertEquals({ ...grpc!.errors }, { rotten: 15, busy: 14, closed: 9, not_found: 11 });
  assertEquals({ ...methods["outside"]!.grpc!.errors }, { busy: 14, closed: 9, not_found: 5 });
});

Deno.test("paths: API, service, method", () => {
  const paths = Object.values(cellar.model.methods).map((method) =>
    method.http!.routes.map(({ path }) => path)
  );
  assertEquals(paths, [["/v1/cellar/{id}"], ["/health"]]);
  const at = (...parts: unknown[]) =>
    any(Service)("s", ...parts, Method("m", HTTP(GET("/m")))).model.methods["m"].http.routes.map(
      ({ path }: { path: string }) => path,
    );
  const two = API("a", HTTP(Path("/v1"), Path("/v2")));
  assertEquals(at(two), ["/v1/m", "/v2/m"]);
  assertEquals(at(two, HTTP(Path("/x"), Path("//y"))), ["/v1/x/m", "/v2/x/m", "/y/m"]);
});

Deno.test("mappings of an API hold for its services", () => {
  const api = API("a", HTTP(Header("tenant:X-Tenant")));
  const { http } = Service(
    "s",
    api,
    Method("m", Payload(Field(1, "tenant"), Field(2, "n", Int)), HTTP(POST("/m"), Param("n"))),
  ).model.methods["m"]!;
  assertEquals(http!.headers, [{ attribute: "tenant", name: "x-tenant" }]);
  assertEquals(http!.query, [{ attribute: "n", name: "n" }]);
});

Deno.test("the types of an API's errors are those of its methods", () => {
  type Errors = NonNullable<(typeof cellar)["~types"]>["show"]["errors"];
  const data: Errors["not_found"]["out"] = { id: 1 };
  const names: Record<keyof Errors, true> = {
    not_found: true,
    busy: true,
    broken: true,
    closed: true,
    rotten: true,
  };
  const payload: PayloadOf<typeof cellar, "show"> = { id: 1 };
  assertEquals([data.id, payload.id, Object.keys(names).length], [1, 1, 5]);
  // @ts-expect-error the API has no error named "gone"
  assertThrows(() => Service("s", API("a", HTTP(Response("gone", d.StatusGone)))), d.DesignError);
  const api = API("a", Error("known"));
  Service("s", api, Method("m", HTTP(GET("/m"), Response("known", d.StatusGone))));
  // @ts-expect-error method "m" has no error named "gone"
  assertThrows(() => Service("s", api, Method("m", HTTP(GET("/m"), Response("gone", d.StatusGone)))));
});

const api = (...parts: unknown[]) => () => any(Service)("s", any(API)("a", ...parts));
const host = (...parts: unknown[]) => api(any(Server)("v", any(Host)("h", ...parts)));
const SCHEMES = `the scheme must be one of "http", "https", "grpc" or "grpcs"`;

const RULES: Record<string, readonly [() => unknown, ...string[]]> = {
  "one API": [() => Service("s", API("a"), API("b")), ": a service has one API"],
  "an API has a name": [() => Service("s", API("")), 'API "": the API has no name'],
  "parts of an API": [
    api(Required("x"), Method("m"), 3),
    'API "a": Required has no place in an API',
    'API "a": Method "m" has no place in an API',
    'API "a": a number has no place in an API',
  ],
  "parts of Contact, License and Docs": [
    api(Contact(any(Title("t"))), License(Email("e")), Docs(Name("n"))),
    'API "a": Title has no place in Contact',
    'API "a": Email has no place in License',
    'API "a": Name has no place in Docs',
  ],
  "an API's errors": [
    api(Error("e"), Error("e"), HTTP(Response("f", 400)), GRPC(Response("g", 5))),
    'API "a": there are two errors named "e"',
    'API "a": Response: the API has no error named "f"',
    'API "a": Response: the API has no error named "g"',
  ],
  "an API has neither routes nor successes": [
    api(HTTP(GET("/x"), Response(200)), GRPC(Response(0))),
    'API "a": GET "/x" stands only in methods',
    'API "a": the API has Response only for errors',
    'API "a": the API has Response only for errors',
  ],
  "servers and hosts have names of their own": [
    api(
      Server("v"),
      Server("v"),
      Server("w", Host("h", URI("http://x")), Host("h", URI("http://y"))),
      Server(""),
    ),
    'API "a": there are two servers named "v"',
    'API "a".server "w": there are two hosts named "h"',
    'API "a": a server has no name',
  ],
  "parts of servers and hosts": [
    api(any(Server)("v", Title("t"), any(Host)("h", URI("http://x"), Title("t")), Services("x", "x"))),
    'API "a".server "v": Title has no place in a server',
    'API "a".server "v".host "h": Title has no place in a host',
    'API "a".server "v": Services names "x" twice',
  ],
  "a host has a URI": [host(), 'API "a".server "v".host "h": a host has one URI at least'],
  "a URI has a scheme": [
    host(
      URI("localhost:80"),
      URI("ftp://x"),
      URI("http://"),
      URI("https://x:{p}/{q}"),
      Variable("p", Default("1")),
    ),
    `API "a".server "v".host "h": URI "localhost:80" has no scheme: ${SCHEMES}`,
    `API "a".server "v".host "h": URI "ftp://x" has the scheme "ftp": ${SCHEMES}`,
    'API "a".server "v".host "h": URI "http://" is malformed',
    'API "a".server "v".host "h": URI "https://x:{p}/{q}" has no Variable named "q"',
  ],
  "a variable is a primitive with a value": [
    host(
      URI("http://{a}"),
      Variable("a"),
      any(Variable)("a", d.ArrayOf(Int), Default([1])),
      any(Variable)("b", Int, Default("x")),
    ),
    'API "a".server "v".host "h": URI variable "a" must have a Default or an Enum',
    'API "a".server "v".host "h": there are two variables named "a"',
    'API "a".server "v".host "h": invalid type for URI variable "a": the type must be a primitive',
    'API "a".server "v".host "h".b: Default: "x" is not an Int',
  ],
};

for (const [name, [build, ...expected]] of Object.entries(RULES)) {
  Deno.test(`API rule: ${name}`, () => assertEquals(problems(build), expected));
}

Deno.test("problems of an API tell where it was written", () => {
  const error = assertThrows(() => Service("s", API("")), d.DesignError);
  assert(error.problems[0]!.location!.includes("api_test.ts:"));
});
