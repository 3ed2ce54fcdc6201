/** Security over every transport: who gets in, who does not, and that nobody sees a credential. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { delay } from "@std/async";
import type { Credentials, Verifiers, VerifyContext, VerifyOf } from "../mod.ts";
import type { Interceptor } from "../src/core/interceptor.ts";
import {
  BasicAuthSecurity,
  GET,
  HTTP,
  Method,
  Password,
  Payload,
  Security,
  Service,
  Username,
} from "../src/design/mod.ts";
import type { CallRequest } from "../src/core/exchange.ts";
import { implement } from "../src/core/implement.ts";
import type { ClientOf } from "../src/core/client_types.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { httpClient } from "../src/http/client_mod.ts";
import { httpHandler } from "../src/http/handler.ts";
import { memoryClient } from "../src/memory/mod.ts";
import { serve } from "../src/serve.ts";
import { careless, type jwt, type User, vault } from "./security_design.ts";

type Vault = ClientOf<typeof careless>;

/** Tokens are `name` or `name:scope:scope`; those that begin with a word of these fail in its way. */
async function verifyToken({ token }: Credentials, { scopes }: VerifyContext): Promise<User> {
  await delay(1);
  if (token.startsWith("plain")) throw new TypeError(`no such token: ${token}`);
  if (token.startsWith("busy")) throw new ServiceError("unavailable", "later", { temporary: true });
  const [name = "", ...own] = token.split(":");
  if (name === "wrong") throw new ServiceError("unauthorized", "this token is not known");
  const missing = scopes.filter((scope) => !own.includes(scope));
  if (missing.length > 0) throw new ServiceError("forbidden", `needs ${missing.join(" and ")}`);
  return { name, scopes: own };
}

function verifiers(seen: [string, CallRequest][] = []): Verifiers {
  const keep =
    <T>(verify: (credentials: Credentials, context: VerifyContext) => T) =>
    (credentials: Credentials, context: VerifyContext): T => {
      seen.push([credentials.scheme.name, context.request]);
      return verify(credentials, context);
    };
  return {
    jwt: keep(verifyToken),
    oauth2: keep(verifyToken),
    bearer: keep(({ token }) => `bearer ${token}`),
    basic: keep(({ username, password }) => {
      if (password !== "pass word") throw new Error(`wrong password ${password}`);
      return username;
    }),
    key: keep(({ token }) => {
      if (!token.startsWith("k")) throw new ServiceError("unauthorized", "no such key");
      return token.length;
    }),
  };
}

const implementation = implement(vault, {
  who: ({ auth }) => auth.name,
  async *watch({ auth, payload }) {
    for (let n = 0; n < (payload.to ?? 1); n++) yield `${auth.name} ${n}`;
  },
  async *talk({ auth, stream }) {
    for await (const text of stream) yield `${auth.name}: ${text}`;
  },
  write: ({ auth, payload }) => `${auth.name} ${auth.scopes.join("+")} ${payload.text}`,
  login: ({ auth, payload }) => `${auth} ${payload.user}`,
  async *loginStream({ auth }) {
    yield auth;
  },
  header: ({ auth }) => auth,
  query: ({ auth }) => auth,
  async *cookie({ auth }) {
    yield auth;
  },
  async *keyed({ auth }) {
    yield auth;
  },
  body: ({ auth }) => auth,
  oauth: ({ auth }) => (auth as User).name,
  bearer: ({ auth }) => auth as string,
  either: ({ auth }) => typeof auth === "object" ? `user ${auth.name}` : `${typeof auth} ${auth}`,
  together: ({ auth }) => `${auth.jwt.name} ${auth.key}`,
  open: ({ auth }) => `${auth}`,
});

interface Setup extends AsyncDisposable {
  readonly client: Vault;
  /** Where HTTP is served. */
  readonly url?: string;
  readonly errors: ServiceError[];
  /** Schemes whose functions ran. */
  readonly seen: [string, CallRequest][];
}

type SetUp = (auth?: Verifiers) => Promise<Setup>;

function common(auth?: Verifiers) {
  const errors: ServiceError[] = [];
  const seen: [string, CallRequest][] = [];
  return {
    errors,
    seen,
    options: { auth: { ...verifiers(seen), ...auth }, onError: (error: ServiceError) => errors.push(error) },
  };
}

const transports: Record<string, SetUp> = {
  memory(auth) {
    const { errors, seen, options } = common(auth);
    const client = memoryClient(implementation, options) as unknown as Vault;
    return Promise.resolve({ client, errors, seen, [Symbol.asyncDispose]: () => client.close() });
  },
  async http(auth) {
    const { errors, seen, options } = common(auth);
    const server = await serve([implementation], { http: { port: 0 }, ...options });
    const { url } = server.http;
    const client = httpClient(careless, url);
    return {
      client,
      url,
      errors,
      seen,
      async [Symbol.asyncDispose]() {
        await client.close();
        await server.shutdown(0);
      },
    };
  },
  async grpc(auth) {
    const { errors, seen, options } = common(auth);
    const server = grpcServer([implementation], options);
    const { address } = await server.listen("127.0.0.1:0");
    const client = grpcClient(careless, address);
    return {
      client,
      errors,
      seen,
      async [Symbol.asyncDispose]() {
        await client.close();
        await server.shutdown(0);
      },
    };
  },
};

/** The error that a promise rejects with. */
async function failure(promise: Promise<unknown>): Promise<ServiceError> {
  return await assertRejects(() => promise, ServiceError);
}

/** Name and message of the error that a promise rejects with. */
async function told(promise: Promise<unknown>): Promise<[string, string]> {
  const { name, message } = await failure(promise);
  return [name, message];
}

/** What the types of the design refuse. */
const NOTHING = {} as { token: string };

const SECRET = "hunter2-s3cret";

for (const [name, setUp] of Object.entries(transports)) {
  const over = (what: string, test: (setup: Setup) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      await using setup = await setUp();
      await test(setup);
    });

  over("credentials let callers in, on calls and streams", async ({ client, errors, seen }) => {
    assertEquals(await client.who({ token: "ann:read" }), "ann");
    assertEquals(await Array.fromAsync(client.watch({ token: "ann:read", to: 2 })), ["ann 0", "ann 1"]);
    const talk = client.talk({ token: "bob:read" });
    await talk.send("hi");
    assertEquals(await talk.recv(), "bob: hi");
    await talk.closeSend();
    assertEquals(await talk.recv(), null);
    assertEquals(await client.login({ user: "ann", password: "pass word" }), "ann ann");
    assertEquals(await Array.fromAsync(client.loginStream({ user: "ann", password: "pass word" })), ["ann"]);
    assertEquals(await client.header({ key: "k12" }), 3);
    assertEquals(await client.query({ key: "k 1&2" }), 5);
    assertEquals(await Array.fromAsync(client.cookie({ key: "k123" })), [4]);
    assertEquals(await Array.fromAsync(client.keyed({ key: "k" })), [1]);
    assertEquals(await client.body({ key: "k12345", text: "x" }), 6);
    assertEquals(await client.oauth({ access: "ann:read" }), "ann");
    assertEquals(await client.bearer({ bearer: "a.b" }), "bearer a.b");
    assertEquals(errors, []);
    assertEquals(seen.length, 12);
    assertEquals(new Set(seen.map(([, request]) => request.service)), new Set(["vault"]));
  });

  over("wrong credentials do not", async ({ client, errors }) => {
    const wrong: [string, string] = ["unauthorized", "this token is not known"];
    assertEquals(await told(client.who({ token: "wrong" })), wrong);
    assertEquals(await told(client.watch({ token: "wrong" }).recv()), wrong);
    assertEquals(await told(client.talk({ token: "wrong" }).opened), wrong);
    assertEquals(await told(client.header({ key: "kk" }).then(() => client.query({ key: "x" }))), [
      "unauthorized",
      "no such key",
    ]);
    assertEquals(errors.map(({ name }) => name), Array(4).fill("unauthorized"));
  });

  over("missing credentials do not, and no function is asked", async ({ client, errors, seen }) => {
    const missing = (method: string): [string, string] => [
      "unauthorized",
      `vault.${method}: credentials are missing`,
    ];
    if (name !== "memory") {
      assertEquals(await told(client.who(NOTHING)), missing("who"));
      assertEquals(await told(client.watch(NOTHING).recv()), missing("watch"));
      assertEquals(await told(client.talk(NOTHING).opened), missing("talk"));
    }
    // What an application holds that nobody has signed in to.
    assertEquals(await told(client.who({ token: "" })), missing("who"));
    assertEquals(await told(client.watch({ token: "" }).recv()), missing("watch"));
    assertEquals(await told(client.talk({ token: "" }).opened), missing("talk"));
    assertEquals(await told(client.cookie({ key: "" }).recv()), missing("cookie"));
    assertEquals(await told(client.login({})), missing("login"));
    assertEquals(await told(client.login({ user: "ann" })), missing("login"));
    assertEquals(await told(client.loginStream({}).recv()), missing("loginStream"));
    assertEquals(await told(client.header({})), missing("header"));
    assertEquals(await told(client.query({})), missing("query"));
    assertEquals(await told(client.query({ key: "" })), missing("query"));
    assertEquals(await told(client.cookie({}).recv()), missing("cookie"));
    assertEquals(await told(client.either()), missing("either"));
    assertEquals(seen, []);
    assertEquals(new Set(errors.map((error) => error.name)), new Set(["unauthorized"]));
  });

  over("scopes that are missing are forbidden", async ({ client }) => {
    assertEquals(await told(client.write({ token: "ann" })), ["forbidden", "needs read and write"]);
    assertEquals(await told(client.write({ token: "ann:read" })), ["forbidden", "needs write"]);
    assertEquals(await told(client.watch({ token: "ann" }).recv()), ["forbidden", "needs read"]);
    assertEquals(await client.write({ token: "ann:read:write", text: "x" }), "ann read+write x");
  });

  over("any one of several Security lets in", async ({ client, seen }) => {
    assertEquals(await client.either({ token: "ann" }), "user ann");
    assertEquals(await client.either({ user: "bob", password: "pass word" }), "string bob");
    assertEquals(await client.either({ key: "k12" }), "number 3");
    assertEquals(seen.map(([scheme]) => scheme), ["jwt", "basic", "key"]);
    // What fails first does not keep the next from letting in.
    assertEquals(await client.either({ token: "wrong", key: "k1" }), "number 2");
    // The last that was tried tells why not.
    assertEquals(await told(client.either({ token: "wrong", key: "x" })), ["unauthorized", "no such key"]);
    assertEquals(await told(client.either({ token: "wrong" })), [
      "unauthorized",
      "this token is not known",
    ]);
  });

  over("all schemes of one Security are required", async ({ client, seen }) => {
    assertEquals(await client.together({ token: "ann:write", key: "k1" }), "ann 2");
    assertEquals(await told(client.together({ token: "ann:write", key: "x" })), [
      "unauthorized",
      "no such key",
    ]);
    seen.length = 0;
    assertEquals(await told(client.together({ token: "ann:write" })), [
      "unauthorized",
      "vault.together: credentials are missing",
    ]);
    assertEquals(seen, []);
    assertEquals(await told(client.together({ token: "ann", key: "k1" })), ["forbidden", "needs write"]);
    // The first that refuses ends it.
    assertEquals(seen.map(([scheme]) => scheme), ["jwt"]);
  });

  over("NoSecurity opens a method", async ({ client, seen }) => {
    assertEquals(await client.open(), "undefined");
    assertEquals(seen, []);
  });

  over("what a function throws otherwise stays in the process", async ({ client, errors }) => {
    const hidden = (method: string): [string, string] => [
      "unauthorized",
      `vault.${method}: the credentials are not accepted`,
    ];
    const error = await failure(client.who({ token: "plain" + SECRET }));
    assertEquals([error.name, error.message], hidden("who"));
    assertEquals(error.cause, undefined);
    assertEquals((errors[0]?.cause as Error).message, `no such token: plain${SECRET}`);
    assertEquals(await told(client.watch({ token: "plain" }).recv()), hidden("watch"));
    assertEquals(await told(client.login({ user: "a", password: "b" })), hidden("login"));
    // Other ServiceErrors are told as they are.
    const busy = await failure(client.who({ token: "busy" }));
    assertEquals([busy.name, busy.message, busy.temporary], ["unavailable", "later", true]);
  });

  over("messages never show a credential", async ({ client, errors }) => {
    const messages = [
      await failure(client.header({ key: SECRET })),
      await failure(client.login({ user: "ann", password: SECRET })),
      await failure(client.login({ user: SECRET, password: "" })),
      await failure(client.header({ key: SECRET + "\ud800" })),
      await failure(client.header({ key: { [SECRET]: 1 } as unknown as string })),
      ...errors,
    ].map((error) => error.message);
    assert(messages.length > 5);
    for (const message of messages) assert(!message.includes(SECRET), message);
    assertEquals(
      messages[0],
      'vault.header: payload.key must match the regexp "^k" but got value (hidden)',
    );
  });

  Deno.test(`${name}: a caller that leaves meanwhile is served no more`, async () => {
    const verifying = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    let served = 0;
    await using setup = await setUp({
      async jwt(credentials, context) {
        verifying.resolve();
        await go.promise;
        served++;
        return await verifyToken(credentials, context);
      },
    });
    const controller = new AbortController();
    const call = setup.client.watch({ token: "ann:read" }, { signal: controller.signal });
    await verifying.promise;
    const reason = new Error("changed my mind");
    controller.abort(reason);
    assertEquals(await assertRejects(() => call.recv()), reason);
    await delay(20);
    go.resolve();
    await delay(20);
    assertEquals(served, 1);
    assertEquals(setup.errors.filter(({ name }) => name !== "canceled"), []);
  });

  Deno.test(`${name}: the deadline holds while callers are verified`, async () => {
    const go = Promise.withResolvers<void>();
    await using setup = await setUp({ jwt: () => go.promise });
    const unary = await failure(setup.client.who({ token: "ann" }, { timeout: 50 }));
    const stream = await failure(setup.client.watch({ token: "ann" }, { timeout: 50 }).recv());
    assertEquals([unary.name, stream.name], ["timeout", "timeout"]);
    await delay(30);
    go.resolve();
  });
}

Deno.test("a scheme without a function is told when serving is set up", () => {
  const { jwt: _, ...rest } = verifiers();
  const text = 'Cannot serve vault.who: the option auth has no function for its security scheme "jwt"';
  assertThrows(() => httpHandler([implementation], { auth: rest }), TypeError, text);
  assertThrows(() => grpcServer([implementation], { auth: rest }), TypeError, text);
  assertThrows(() => memoryClient(implementation, { auth: rest }), TypeError, text);
  assertThrows(() => httpHandler([implementation]), TypeError, text);
});

Deno.test("two kinds of schemes of one name cannot be served together", () => {
  const other = Service(
    "other",
    Method("m", Security(BasicAuthSecurity("jwt")), Payload(Username("u"), Password("p")), HTTP(GET("/m"))),
  );
  assertThrows(
    () => httpHandler([implementation, implement(other, { m() {} })], { auth: verifiers() }),
    TypeError,
    'Cannot serve other.m: its security scheme "jwt" is of another kind than that of vault.who',
  );
});

Deno.test("interceptors see who was let in, and nobody else", async () => {
  const seen: unknown[] = [];
  const interceptors: Interceptor[] = [{
    open(call, next) {
      seen.push([call.request.method, (call.auth as User | undefined)?.name]);
      return next();
    },
  }];
  const handler = httpHandler([implementation], { auth: verifiers(), interceptors });
  const client = httpClient(vault, "http://localhost", { fetch: handler });
  assertEquals(await client.who({ token: "ann:read" }), "ann");
  assertEquals((await failure(client.who({ token: "wrong" }))).name, "unauthorized");
  assertEquals(await client.open(), "undefined");
  assertEquals(seen, [["who", "ann"], ["open", undefined]]);
  await client.close();
});

Deno.test("a function may be typed by its scheme", async () => {
  const verify: VerifyOf<typeof jwt> = ({ token }) => ({ name: token, scopes: [] });
  // @ts-expect-error what it returns is no User
  const wrong: VerifyOf<typeof jwt> = () => "Ann";
  const client = memoryClient(implementation, { auth: { ...verifiers(), jwt: verify, oauth2: wrong } });
  assertEquals(await client.who({ token: "zoe" }), "zoe");
  await client.close();
});

Deno.test("serve takes one auth for both doors", async () => {
  const seen: [string, CallRequest][] = [];
  const auth = verifiers(seen);
  await using server = await serve([implementation], { http: { port: 0 }, grpc: { port: 0 }, auth });
  await using http = httpClient(vault, server.http.url);
  await using grpc = grpcClient(vault, server.grpc.address);
  assertEquals(await http.who({ token: "ann:read" }), "ann");
  assertEquals(await grpc.who({ token: "ann:read" }), "ann");
  assertEquals(seen.map(([, { transport }]) => transport), ["http", "grpc"]);
});

/** A request to a bare handler. */
async function ask(path: string, headers: HeadersInit = {}): Promise<Response> {
  const handler = httpHandler([implementation], { auth: verifiers() });
  return await handler(new Request(`http://localhost${path}`, { headers }));
}

Deno.test("over HTTP the status and WWW-Authenticate tell what is asked for", async () => {
  const cases: [path: string, headers: HeadersInit, status: number, challenge: string | null][] = [
    ["/who", {}, 401, 'Bearer realm="vault", scope="read"'],
    ["/who", { authorization: "Bearer wrong" }, 401, 'Bearer realm="vault", scope="read"'],
    ["/who", { authorization: "Bearer ann" }, 403, null],
    ["/who", { authorization: "Bearer ann:read" }, 200, null],
    ["/who", { authorization: "bearer  ann:read" }, 200, null],
    ["/who", { authorization: "ann:read" }, 200, null],
    ["/who", { authorization: "Basic ann:read" }, 401, 'Bearer realm="vault", scope="read"'],
    ["/header", {}, 401, 'ApiKey realm="vault"'],
    ["/header", { "x-key": "k" }, 200, null],
    ["/query?k=k", {}, 200, null],
    ["/either", {}, 401, 'Bearer realm="vault", Basic realm="vault", charset="UTF-8", ApiKey realm="vault"'],
    ["/either", { authorization: `Basic ${btoa("a:b:c")}` }, 401, null],
    ["/either", { authorization: "Basic !" }, 401, null],
    ["/open", {}, 200, null],
    ["/open", { authorization: "Bearer wrong" }, 200, null],
  ];
  for (const [path, headers, status, challenge] of cases) {
    const response = await ask(path, headers);
    const body = await response.text();
    assertEquals(response.status, status, `${path} ${JSON.stringify(headers)}: ${body}`);
    if (challenge !== null) assertEquals(response.headers.get("www-authenticate"), challenge);
    if (status === 401) assertEquals(response.headers.get("goa-error"), "unauthorized");
    if (status !== 401) assertEquals(response.headers.get("www-authenticate"), null);
  }
});

Deno.test("a malformed body that carries a credential is not quoted", async () => {
  const handler = httpHandler([implementation], { auth: verifiers() });
  const response = await handler(
    new Request("http://localhost/body", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"key":${SECRET}}`,
    }),
  );
  assertEquals(response.status, 400);
  assertEquals((await response.json()).message, "vault.body: cannot decode payload");
});

Deno.test("a malformed query string is not quoted", async () => {
  const response = await ask(`/query?k=${SECRET}%zz`);
  assertEquals([response.status, (await response.json()).message], [
    400,
    'vault.query: query string is malformed at "k"',
  ]);
});

Deno.test("an event stream is refused by an ordinary response", async () => {
  const accept = "text/event-stream";
  const missing = await ask("/watch", { accept });
  assertEquals([missing.status, (await missing.json()).name], [401, "unauthorized"]);
  const forbidden = await ask("/watch", { accept, authorization: "Bearer ann" });
  assertEquals([forbidden.status, (await forbidden.json()).name], [403, "forbidden"]);
  const events = await ask("/watch", { accept, authorization: "Bearer ann:read" });
  assertEquals(events.status, 200);
  assertEquals((await events.text()).includes("ann 0"), true);
});

Deno.test("Basic credentials are UTF-8, and passwords may have colons", async () => {
  const seen: Credentials[] = [];
  const handler = httpHandler([implementation], {
    auth: { ...verifiers(), basic: (credentials) => void seen.push(credentials) },
  });
  const client = httpClient(vault, "http://localhost", { fetch: handler });
  await client.login({ user: "Zoë", password: "a:b:ü" });
  assertEquals([seen[0]?.username, seen[0]?.password, seen[0]?.token], ["Zoë", "a:b:ü", ""]);
  const error = await failure(client.login({ user: "a:b", password: "c" }));
  assertEquals(error.name, "invalid_format");
  await client.close();
});

Deno.test("a stream is refused before the upgrade, by an ordinary response; a probe sees the same", async () => {
  const upgrade = { upgrade: "websocket", connection: "upgrade" };
  for (const extra of [upgrade, { "goats-probe": "1" }]) {
    const missing = await ask("/watch", { ...extra });
    assertEquals([missing.status, missing.headers.get("goa-error")], [401, "unauthorized"]);
    assertEquals(missing.headers.get("www-authenticate"), 'Bearer realm="vault", scope="read"');
    await missing.body?.cancel();
    const forbidden = await ask("/watch", { ...extra, authorization: "Bearer ann" });
    assertEquals([forbidden.status, (await forbidden.json()).message], [403, "needs read"]);
  }
  const probe = await ask("/watch", { "goats-probe": "1", authorization: "Bearer ann:read" });
  assertEquals(probe.status, 426);
  await probe.body?.cancel();
});

const base64url = (text: string) => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

Deno.test("a bare WebSocket brings its token as a subprotocol, which is never selected", async () => {
  await using setup = await transports.http!();
  const open = (path: string, ...protocols: string[]) =>
    new Promise<[string, string[]]>((resolve) => {
      const socket = new WebSocket(setup.url!.replace("http", "ws") + path, protocols);
      const messages: string[] = [];
      socket.onmessage = ({ data }) => messages.push(data);
      socket.onclose = () => resolve([socket.protocol, messages]);
    });
  const token = `goats.token.${base64url("ann:read")}`;
  assertEquals(await open("/watch", "goats.plain", token), ["goats.plain", ['"ann 0"']]);
  assertEquals(await open("/watch", token, "goats.plain"), ["goats.plain", ['"ann 0"']]);
  const whole = `goats.token.${base64url("Bearer ann:read")}`;
  assertEquals(await open("/watch", "goats.plain", whole), ["goats.plain", ['"ann 0"']]);
  const key = `goats.token.x-key.${base64url("k12")}`;
  assertEquals(await open("/keyed", "goats.plain", key), ["goats.plain", ["3"]]);
  // A header that carries no credential cannot be brought like this, nor can a wrong token.
  for (
    const [path, protocol] of [
      ["/keyed", `goats.token.cookie.${base64url("k12")}`],
      ["/keyed", `goats.token.${base64url("k12")}`],
      ["/watch", `goats.token.${base64url("wrong")}`],
      ["/watch", "goats.token.!"],
      ["/watch", "goats.token."],
      ["/watch", "goats.plain"],
    ] as const
  ) {
    assertEquals(await open(path, ...new Set(["goats.plain", protocol])), ["", []], protocol);
  }
});

Deno.test("where a WebSocket sends no headers, the client's credentials ride as subprotocols", async () => {
  await using setup = await transports.http!();
  const worker = new Worker(new URL("./security_worker.ts", import.meta.url), { type: "module" });
  try {
    const answer = Promise.withResolvers<unknown>();
    worker.onmessage = ({ data }) => answer.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      answer.reject(new Error(event.message));
    };
    worker.postMessage(setup.url);
    assertEquals(await answer.promise, {
      watch: ["ann 0"],
      login: ["Zoë"],
      keyed: [4],
      wrong: "unauthorized: this token is not known",
      missing: "unauthorized: vault.watch: credentials are missing",
      header: "unimplemented: vault.watch: a browser's WebSocket cannot send headers (x-other)",
    });
    assertEquals(setup.seen.some(([, { headers }]) => headers.has("authorization")), true);
  } finally {
    worker.terminate();
  }
});

Deno.test("over gRPC credentials travel in metadata, tokens as Bearer", async () => {
  const seen: [string, CallRequest][] = [];
  const server = grpcServer([implementation], { auth: verifiers(seen) });
  const { address } = await server.listen("127.0.0.1:0");
  const client = grpcClient(vault, address);
  await client.who({ token: "ann:read" });
  await client.login({ user: "ann", password: "pass word" }).catch(() => {});
  await client.header({ key: "k1" });
  // A peer that sends the bare token is understood, too.
  const bare = grpcClient(careless, address);
  assertEquals(await bare.who(NOTHING, { headers: { authorization: "ann:read" } }), "ann");
  const headers = seen.map(([scheme, request]) => [scheme, request.headers.get("authorization")]);
  assertEquals(headers.filter(([scheme]) => scheme !== "basic"), [
    ["jwt", "Bearer ann:read"],
    ["key", "k1"],
    ["jwt", "ann:read"],
  ]);
  await client.close();
  await bare.close();
  await server.shutdown(0);
});
