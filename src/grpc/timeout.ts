/**
 * `grpc-timeout` (PROTOCOL-HTTP2.md).
 *
 * @module
 */

/** ms of each unit. */
const UNITS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;

/** ms of a timeout; `undefined` when it is none. */
export function timeoutMs(text: string): number | undefined {
  const parts = TIMEOUT.exec(text);
  return parts === null ? undefined : Number(parts[1]) * UNITS[parts[2]!]!;
}

/** What is said of a timeout that is none. */
export function malformedTimeout(name: string, text: string, where: string): string {
  return `${where}: ${name} is malformed: ${JSON.stringify(text.slice(0, 64))}`;
}
