// Security in designs: the rules with their exact words, what the model says, and the types that follow.
import { assertEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";

const { Field, Header, HTTP, GET, POST, Method, Payload, Required, Security, Service, String } = d;

/** Parts that the compiler would refuse, to see what the builder says. */
// deno-lint-ignore no-explicit-any
const any = (part: unknown): any => part;

/** Problems of a design as `method attribute: message`. */
function problems(build: () => unknown): string[] {
  const error = assertThrows(build, d.DesignError);
  return error.problems.map(({ method, attribute, message }) =>
    [method, attribute].filter((one) => one !== undefined).join(" ") + `: ${message}`
  );
}

/** A service with one method. */
function one(...parts: unknown[]): () => unknown {
  return () => Service("s", any(Method("m", ...any(parts))));
}

const basic = d.BasicAuthSecurity("basic");
const key = d.APIKeySecurity("key");
const other = d.APIKeySecurity("other");
const bearer = d.BearerSecurity("bearer");
const jwt = d.JWTSecurity("jwt", d.Scope("api:read", "Read"), d.Scope("api:write"));
const oauth2 = d.OAuth2Security("oauth2", d.Scope("api:read"));

const RULES: Record<string, readonly [() => unknown, ...string[]]> = {
  "Basic needs Username": [
    one(Security(basic), Payload(d.Password("password"))),
    'm: scheme "basic": the payload has no attribute for a user name: use Username',
  ],
  "Basic needs Password": [
    one(Security(basic), Payload(d.Username("user"))),
    'm: scheme "basic": the payload has no attribute for a password: use Password',
  ],
  "JWT needs Token, even without a payload": [
    one(Security(jwt)),
    'm: scheme "jwt": the payload has no attribute for a token: use Token',
  ],
  "Bearer needs BearerToken": [
    one(Security(bearer), Payload(Field(1, "a"))),
    'm: scheme "bearer": the payload has no attribute for a token: use BearerToken',
  ],
  "OAuth2 needs AccessToken": [
    one(Security(oauth2), Payload(String)),
    'm: scheme "oauth2": the payload has no attribute for an access token: use AccessToken',
  ],
  "APIKey is that of its scheme": [
    one(Security(key), Payload(d.APIKey(other, "k"))),
    'm: scheme "key": the payload has no attribute for a key: use APIKey',
    'm payload.k: APIKey is of no use: the method has no APIKeySecurity "other"',
  ],
  "what a service requires its methods have": [
    () => Service("s", Security(jwt), Method("m")),
    'm: scheme "jwt": the payload has no attribute for a token: use Token',
  ],
  "what an API requires the methods of its services have": [
    () => Service("s", d.API("a", Security(jwt)), Method("m")),
    'm: scheme "jwt": the payload has no attribute for a token: use Token',
  ],
  "Username without Basic": [
    one(Payload(d.Username("user"))),
    "m payload.user: Username is of no use: the method has no BasicAuthSecurity",
  ],
  "Password without Basic": [
    one(Security(jwt), Payload(d.Password("p"), d.Token("t"))),
    "m payload.p: Password is of no use: the method has no BasicAuthSecurity",
  ],
  "Token without JWT": [
    () => Service("s", Security(jwt), Method("m", d.NoSecurity(), Payload(d.Token("t")))),
    "m payload.t: Token is of no use: the method has no JWTSecurity",
  ],
  "AccessToken without OAuth2": [
    one(Payload(d.AccessToken("t"))),
    "m payload.t: AccessToken is of no use: the method has no OAuth2Security",
  ],
  "BearerToken without Bearer": [
    one(Payload(d.BearerToken("t"))),
    "m payload.t: BearerToken is of no use: the method has no BearerSecurity",
  ],
  "credentials are text": [
    one(Security(jwt), Payload(d.Token("t", d.Int))),
    "m payload.t: Token is no String",
  ],
  "one attribute for a credential": [
    one(Security(jwt), Payload(d.Token("t"), d.Token("u"))),
    "m payload.u: Token is there twice",
  ],
  "scopes exist": [
    one(Security(jwt, d.Scope("api:red")), Payload(d.Token("t"))),
    'm: Security: no scheme has a scope named "api:red"',
  ],
  "scopes are described in schemes": [
    one(Security(jwt, d.Scope("api:read", "Read")), Payload(d.Token("t"))),
    'm: Security: Scope "api:read" is described in its scheme, not here',
  ],
  "Security has schemes": [
    one(Security(any(d.Scope("x")))),
    "m: Security has no scheme",
    'm: Security: no scheme has a scope named "x"',
  ],
  "a scheme is there once": [
    one(Security(jwt, jwt), Payload(d.Token("t"))),
    'm: Security: scheme "jwt" is there twice',
  ],
  "parts of Security": [
    one(Security(any(GET("/")), jwt), Payload(d.Token("t"))),
    "m: GET has no place in Security",
  ],
  "schemes have one name each": [
    one(Security(jwt), Security(d.JWTSecurity("jwt")), Payload(d.Token("t"))),
    'm: there are two schemes named "jwt"',
  ],
  "schemes have names": [
    one(Security(d.JWTSecurity("")), Payload(d.Token("t"))),
    'm: JWTSecurity "": the scheme has no name',
  ],
  "scopes have names, one each": [
    one(Security(d.JWTSecurity("j", d.Scope(""), d.Scope("a"), d.Scope("a"))), Payload(d.Token("t"))),
    'm: JWTSecurity "j": a scope has no name',
    'm: JWTSecurity "j": there are two scopes named "a"',
  ],
  "flows are OAuth2's": [
    one(
      Security(d.JWTSecurity(
        "j",
        d.AuthorizationCodeFlow("/a", "/t"),
        d.ImplicitFlow("/a"),
        d.PasswordFlow("/t"),
        d.ClientCredentialsFlow("/t"),
      )),
      Payload(d.Token("t")),
    ),
    'm: JWTSecurity "j": AuthorizationCodeFlow stands only in OAuth2Security',
    'm: JWTSecurity "j": ImplicitFlow stands only in OAuth2Security',
    'm: JWTSecurity "j": PasswordFlow stands only in OAuth2Security',
    'm: JWTSecurity "j": ClientCredentialsFlow stands only in OAuth2Security',
  ],
  "flows have URLs": [
    one(
      Security(d.OAuth2Security("o", d.AuthorizationCodeFlow("http://[", "https://a:b", "http://%"))),
      Payload(d.AccessToken("t")),
    ),
    'm: OAuth2Security "o": AuthorizationCodeFlow: "http://[" is no authorization URL',
    'm: OAuth2Security "o": AuthorizationCodeFlow: "https://a:b" is no token URL',
    'm: OAuth2Security "o": AuthorizationCodeFlow: "http://%" is no refresh URL',
  ],
  "BearerFormat is of bearer tokens": [
    one(Security(d.BasicAuthSecurity("b", d.BearerFormat("x"))), Payload(d.Username("u"), d.Password("p"))),
    'm: BasicAuthSecurity "b": BearerFormat stands only in BearerSecurity and JWTSecurity',
  ],
  "parts of schemes": [
    one(Security(d.JWTSecurity("j", any(GET("/")))), Payload(d.Token("t"))),
    'm: JWTSecurity "j": GET has no place in a scheme',
  ],
  "NoSecurity is of methods": [
    () => Service("s", any(d.NoSecurity())),
    ": NoSecurity has no place in a service",
  ],
  "Security or NoSecurity": [
    one(Security(jwt), d.NoSecurity()),
    "m: there are both Security and NoSecurity",
  ],
  "Basic has the header to itself": [
    one(
      Security(basic),
      Payload(d.Username("u"), d.Password("p"), Field(1, "a")),
      HTTP(GET("/"), Header("a:Authorization")),
    ),
    'm: header "authorization" belongs to BasicAuthSecurity: map attribute "a" to another one',
  ],
  "Basic travels in its header": [
    one(Security(basic), Payload(d.Username("u"), d.Password("p")), HTTP(GET("/"), d.Param("u"))),
    'm: attribute "u" travels in the header of BasicAuthSecurity and nowhere else',
  ],
  "one header for two schemes": [
    one(Security(basic, jwt), Payload(d.Username("u"), d.Password("p"), d.Token("t")), HTTP(GET("/"))),
    'm: schemes "basic" and "jwt" are required together and both travel in the header "authorization": ' +
    "map one of them elsewhere",
  ],
  "one key of metadata for two schemes": [
    one(Security(key, jwt), Payload(d.APIKeyField(1, key, "k"), d.TokenField(2, "t")), d.GRPC()),
    'm: schemes "key" and "jwt" are required together and both travel in the metadata "authorization": ' +
    "map one of them with Metadata",
  ],
  "names for metadata": [
    one(Security(basic), Payload(d.UsernameField(1, "user name"), d.PasswordField(2, "p")), d.GRPC()),
    'm: attribute "user name" is no name for metadata: map it with Metadata',
  ],
};

for (const [name, [build, ...expected]] of Object.entries(RULES)) {
  Deno.test(`rule: ${name}`, () => assertEquals(problems(build), expected));
}

Deno.test("the model says what methods require, and where credentials travel", () => {
  const service = Service(
    "s",
    d.API("a", Security(key)),
    Security(jwt, d.Scope("api:read")),
    Method("inherits", Payload(d.TokenField(1, "t"), Required("t")), HTTP(POST("/inherits"))),
    Method(
      "own",
      Security(basic),
      Security(jwt, key, d.Scope("api:write")),
      Payload(d.Username("u"), d.Password("p"), d.Token("t"), d.APIKey(key, "k"), Field(1, "x")),
      HTTP(POST("/own"), Header("k:X-Key")),
    ),
    Method("open", d.NoSecurity(), HTTP(GET("/open"))),
  );
  const { inherits, own, open } = service.model.methods;
  assertEquals(
    own!.security!.map(({ schemes, scopes }) => [
      schemes.map(({ scheme, attributes }) => [scheme.name, ...attributes]),
      scopes,
    ]),
    [[[["basic", "u", "p"]], []], [[["jwt", "t"], ["key", "k"]], ["api:write"]]],
  );
  assertEquals(own!.http!.headers, [
    { attribute: "k", name: "x-key" },
    { attribute: "t", name: "authorization" },
  ]);
  assertEquals(own!.http!.basic, { username: "u", password: "p" });
  const body = own!.http!.body!.type;
  assertEquals(body.kind === "object" && body.attributes.map(({ name }) => name), ["x"]);

  assertEquals(inherits!.security!.length, 1);
  assertEquals(inherits!.http!.headers, [{ attribute: "t", name: "authorization" }]);
  assertEquals(inherits!.http!.body, undefined);
  assertEquals(open!.security, undefined);
  // One scheme, one model, in whatever service.
  assertEquals(inherits!.security![0]!.schemes[0]!.scheme, own!.security![1]!.schemes[0]!.scheme);
});

Deno.test("an API secures the services that say nothing themselves", () => {
  const service = Service("s", d.API("a", Security(key)), Method("m", Payload(d.APIKeyField(1, key, "k"))));
  assertEquals(service.model.methods["m"]!.security![0]!.schemes[0]!.scheme.name, "key");
});

Deno.test("Body may carry a credential", () => {
  const service = Service(
    "s",
    Method(
      "m",
      Security(key),
      Payload(d.APIKey(key, "k"), Field(1, "x")),
      HTTP(POST("/"), d.Body("k"), Header("x")),
    ),
  );
  const { headers, bodyAttribute } = service.model.methods["m"]!.http!;
  assertEquals([headers, bodyAttribute], [[{ attribute: "x", name: "x" }], "k"]);
});

Deno.test("credentials travel in metadata, and need no field number for it", () => {
  const service = Service(
    "s",
    Method(
      "m",
      Security(basic),
      Security(jwt),
      Security(key),
      Payload(d.Username("User"), d.Password("p"), d.Token("t"), d.APIKeyField(1, key, "k"), Field(2, "x")),
      d.GRPC(d.Message("k")),
    ),
  );
  const { metadata, request } = service.model.methods["m"]!.grpc!;
  assertEquals(metadata, [
    { attribute: "User", name: "user" },
    { attribute: "p", name: "p" },
    { attribute: "t", name: "authorization" },
  ]);
  const message = request.message!.type;
  assertEquals(message.kind === "object" && message.attributes.map(({ name }) => name), ["k", "x"]);
});

Deno.test("schemes keep what generators need", () => {
  const scheme = d.OAuth2Security(
    "o",
    d.Description("Sign in with us"),
    d.AuthorizationCodeFlow("https://id/a", "https://id/t", "https://id/r"),
    d.ImplicitFlow("https://id/a"),
    d.PasswordFlow("https://id/t", ""),
    d.ClientCredentialsFlow("/t"),
    d.Scope("a", "All"),
    d.Meta("x", "y"),
  );
  const service = Service("s", Method("m", Security(scheme), Payload(d.AccessTokenField(1, "t"))));
  assertEquals(service.model.methods["m"]!.security![0]!.schemes[0]!.scheme, {
    kind: "oauth2",
    name: "o",
    description: "Sign in with us",
    scopes: [{ name: "a", description: "All" }],
    flows: [
      {
        kind: "authorization_code",
        authorizationUrl: "https://id/a",
        tokenUrl: "https://id/t",
        refreshUrl: "https://id/r",
      },
      { kind: "implicit", authorizationUrl: "https://id/a" },
      { kind: "password", tokenUrl: "https://id/t" },
      { kind: "client_credentials", tokenUrl: "/t" },
    ],
    meta: Object.assign(Object.create(null), { x: ["y"] }),
  });
});

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only when the types are the same. */
function same<A, B>(_equal: Equal<A, B>): void {}

Deno.test("the type of auth follows from the schemes", () => {
  interface User {
    readonly name: string;
  }
  const users = d.JWTSecurity<User>("users");
  const named = d.APIKeySecurity<number, "named">("named");
  const plain = d.BearerSecurity("plain");
  const annotated: d.SchemePart<"plain", boolean> = plain;
  const service = Service(
    "s",
    Security(users),
    Method("inherits", Payload(d.Token("t"))),
    Method("open", d.NoSecurity()),
    Method("own", Security(annotated), Payload(d.BearerToken("t"))),
    Method("untyped", Security(plain), Payload(d.BearerToken("t"))),
    Method(
      "several",
      Security(annotated, named),
      Payload(d.BearerToken("t"), d.APIKey(named, "k")),
    ),
    Method(
      "alternatives",
      Security(users),
      Security(named),
      Payload(d.Token("t"), d.APIKey(named, "k")),
    ),
  );
  const bare = Service("b", Method("m"));
  const api = Service("c", d.API("a", Security(users)), Method("m", Payload(d.Token("t"))));
  type Auth<S extends d.ServiceDesign, M extends d.MethodNamesOf<S>> = d.CallAuth<d.MethodsOf<S>[M]["auth"]>;
  same<Auth<typeof service, "inherits">, User>(true);
  same<Auth<typeof service, "open">, undefined>(true);
  same<Auth<typeof service, "own">, boolean>(true);
  same<Auth<typeof service, "untyped">, unknown>(true);
  same<Auth<typeof service, "several">, { readonly plain: boolean; readonly named: number }>(true);
  same<Auth<typeof service, "alternatives">, User | number>(true);
  same<Auth<typeof bare, "m">, undefined>(true);
  same<Auth<typeof api, "m">, User>(true);
  same<d.PayloadOf<typeof service, "several">, { t?: string | undefined; k?: string | undefined }>(true);
});
