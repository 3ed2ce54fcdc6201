/**
 * Who is measured, and what of each is worth knowing when its figures are read. The first of a family is what the others
 * are compared with.
 *
 * @module
 */
import type { Family, ScenarioName } from "./scenarios.ts";

/** A peer, as the tables tell of it. */
export interface PeerInfo {
  readonly name: string;
  readonly family: Family;
  /** The module in peers/. */
  readonly module: string;
  readonly runtime: "deno" | "node";
  /** Packages whose versions matter. */
  readonly packages: readonly string[];
  /** What is checked of what is sent, beyond that it is JSON or protobuf. */
  readonly validates: string;
  /** How it keeps what waits for a slow receiver bounded. */
  readonly backpressure: string;
  /** What it is, and which of its ways was taken. */
  readonly note: string;
  /** What it cannot do, or what another has done for it. */
  readonly lacks?: Readonly<Partial<Record<ScenarioName, string>>>;
  /** The program that the scenario `startup` starts. */
  readonly startup?: string;
}

const NO_STARTUP = "only a bare server and goats are started";
const ONE_WAY = "it has no streams to a server";
const CALLED = "unary calls are HTTP, the same as on the plain wire";

/** Every peer, in the order in which they are told. */
export const peers: readonly PeerInfo[] = [
  {
    name: "raw",
    family: "ws",
    module: "ws_raw.ts",
    runtime: "deno",
    packages: [],
    validates: "no",
    backpressure: "bufferedAmount",
    note: "Deno.serve, Deno.upgradeWebSocket, WebSocket, fetch and JSON by hand",
    startup: "startup_bare.ts",
  },
  {
    name: "raw + zod",
    family: "ws",
    module: "ws_zod.ts",
    runtime: "deno",
    packages: ["zod"],
    validates: "received, both ends",
    backpressure: "bufferedAmount",
    note: "the same, with zod for what is received",
    lacks: { startup: NO_STARTUP },
  },
  {
    name: "ws on Node",
    family: "ws",
    module: "ws_node.ts",
    runtime: "node",
    packages: ["ws"],
    validates: "no",
    backpressure: "bufferedAmount, send's callback",
    note: "ws at both ends; unary calls by node:http and Node's fetch",
    lacks: { startup: NO_STARTUP },
  },
  {
    name: "hono",
    family: "ws",
    module: "ws_hono.ts",
    runtime: "deno",
    packages: ["hono"],
    validates: "no",
    backpressure: "bufferedAmount",
    note: "upgradeWebSocket of hono/deno; its client is the platform's WebSocket and fetch",
    lacks: { startup: NO_STARTUP },
  },
  {
    name: "tRPC",
    family: "ws",
    module: "trpc.ts",
    runtime: "deno",
    packages: ["@trpc/server", "@trpc/client", "ws", "zod"],
    validates: "inputs, by the server",
    backpressure: "none",
    note:
      "v11: subscriptions and mutations over wsLink (echo and ping-pong are mutations), unary calls over httpLink, and over httpBatchLink when there are many at a time",
    lacks: { flood: ONE_WAY, flood50: ONE_WAY, startup: NO_STARTUP },
  },
  {
    name: "socket.io",
    family: "ws",
    module: "socket_io.ts",
    runtime: "deno",
    packages: ["socket.io", "socket.io-client"],
    validates: "no",
    backpressure: "engine.io's drain",
    note: "WebSocket transport alone; unary calls are emitWithAck",
    lacks: { startup: NO_STARTUP },
  },
  {
    name: "goats, plain",
    family: "ws",
    module: "goats_plain.ts",
    runtime: "deno",
    packages: [],
    validates: "sent and received, both ends",
    backpressure: "bufferedAmount; what is unread is bounded",
    note: "Goa's own wire: a JSON value per frame",
    startup: "startup_goats.ts",
  },
  {
    name: "goats.v1",
    family: "ws",
    module: "goats_v1.ts",
    runtime: "deno",
    packages: [],
    validates: "sent and received, both ends",
    backpressure: "credit, both ways",
    note: "goats' own client and server: what is sent within a turn leaves in one frame",
    lacks: { unary: CALLED, unary50: CALLED, startup: "the same server as that of the plain wire" },
  },
  {
    name: "grpc-js",
    family: "grpc",
    module: "grpc_raw.ts",
    runtime: "deno",
    packages: ["@grpc/grpc-js", "protobufjs"],
    validates: "no",
    backpressure: "HTTP/2",
    note: "grpc-js by hand, with the static messages of protobufjs",
  },
  {
    name: "nice-grpc",
    family: "grpc",
    module: "grpc_nice.ts",
    runtime: "deno",
    packages: ["nice-grpc", "@grpc/grpc-js", "protobufjs"],
    validates: "no",
    backpressure: "HTTP/2",
    note: "on the same grpc-js and the same messages",
  },
  {
    name: "connect-node",
    family: "grpc",
    module: "grpc_connect.ts",
    runtime: "deno",
    packages: ["@connectrpc/connect-node", "@bufbuild/protobuf"],
    validates: "no",
    backpressure: "HTTP/2",
    note: "its gRPC transport over node:http2, with the messages of @bufbuild/protobuf",
  },
  {
    name: "goats",
    family: "grpc",
    module: "goats_grpc.ts",
    runtime: "deno",
    packages: ["@grpc/grpc-js", "protobufjs"],
    validates: "sent and received, both ends",
    backpressure: "HTTP/2",
    note: "on grpc-js",
  },
];
