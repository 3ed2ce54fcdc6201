/**
 * What is measured.
 *
 * @module
 */
import type { Calls } from "./peer.ts";

/** A family of peers: those that are compared with one another. */
export type Family = "ws" | "grpc";

/** What a measurement gives; `rate` is messages per second, `cpu` µs of both ends per message. */
export type Metric = "rate" | "cpu" | "bytes" | "ms" | "rss";

/** Names of scenarios. */
export type ScenarioName =
  | "unary"
  | "unary50"
  | "push"
  | "flood"
  | "pingpong"
  | "echo"
  | "push50"
  | "flood50"
  | "push200"
  | "fanout"
  | "idle"
  | "startup";

/** A scenario. */
export interface Scenario {
  readonly title: string;
  readonly families: readonly Family[];
  /** What it tells, the most telling first. */
  readonly metrics: readonly Metric[];
  /** What a client must be able to do. */
  readonly needs?: readonly (keyof Calls)[];
  /** Streams, calls or subscribers at a time. */
  readonly streams: number;
  /** Messages of the shortest measurement; see runner.ts. */
  readonly least: number;
  /** How much longer than others it is measured, as there is more before its first message or after its last. */
  readonly longer?: number;
}

const both = ["ws", "grpc"] as const;
const speed = ["rate", "cpu"] as const;

/** Every scenario, in the order in which they are measured and told. */
export const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  unary: {
    title: "unary calls, one at a time",
    families: both,
    metrics: speed,
    needs: ["unary"],
    streams: 1,
    least: 50,
  },
  unary50: {
    title: "unary calls, 50 at a time",
    families: both,
    metrics: speed,
    needs: ["unary"],
    streams: 50,
    least: 200,
  },
  push: {
    title: "server push, 1 stream",
    families: both,
    metrics: speed,
    needs: ["push"],
    streams: 1,
    least: 1_000,
  },
  flood: {
    title: "client push, 1 stream",
    families: both,
    metrics: speed,
    needs: ["flood"],
    streams: 1,
    least: 1_000,
    longer: 2,
  },
  pingpong: {
    title: "ping-pong, 1 in flight",
    families: both,
    metrics: speed,
    needs: ["echo"],
    streams: 1,
    least: 100,
  },
  echo: {
    title: "echo, 64 in flight",
    families: both,
    metrics: speed,
    needs: ["echo"],
    streams: 1,
    least: 500,
  },
  push50: {
    title: "server push, 50 streams",
    families: both,
    metrics: speed,
    needs: ["push"],
    streams: 50,
    least: 2_000,
    longer: 2,
  },
  flood50: {
    title: "client push, 50 streams",
    families: both,
    metrics: speed,
    needs: ["flood"],
    streams: 50,
    least: 2_000,
    longer: 2,
  },
  push200: {
    title: "server push, 200 streams",
    families: both,
    metrics: speed,
    needs: ["push"],
    streams: 200,
    least: 4_000,
    longer: 2,
  },
  fanout: {
    title: "fan-out to 1,000 in bursts of 32",
    families: ["ws"],
    metrics: speed,
    needs: ["follow", "burst"],
    streams: 1_000,
    least: 32_000,
  },
  idle: {
    title: "an idle connection at the server",
    families: ["ws"],
    metrics: ["bytes"],
    needs: ["idle"],
    streams: 1_000,
    least: 0,
  },
  startup: {
    title: "start to first answer",
    families: ["ws"],
    metrics: ["ms", "rss"],
    streams: 1,
    least: 0,
  },
};

/** Messages of one burst of `fanout`. */
export const BURST = 32;
