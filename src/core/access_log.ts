/**
 * One line per call.
 *
 * @module
 */
import { ServiceError } from "../errors/service_error.ts";
import type { Interceptor } from "./interceptor.ts";

/** What is logged of a call. */
export interface AccessLogEntry {
  /** On which side of the call it is logged. */
  readonly side: "server" | "client";
  /** What the call came, or went, by. */
  readonly transport: string;
  /** Name of the service. */
  readonly service: string;
  /** Name of the method. */
  readonly method: string;
  /** Address of the peer; `""` when unknown. */
  readonly peer: string;
  /** `"ok"`, or the name of the error. */
  readonly outcome: string;
  /** Identifies the error, on the wire and in other logs; absent for calls that ended well. */
  readonly errorId?: string;
  /** How long the call took, in ms. */
  readonly ms: number;
  /** Messages taken, the payload not counted. */
  readonly received: number;
  /** Messages sent, the payload not counted. */
  readonly sent: number;
  /** When the call began, in ms since the epoch. */
  readonly startedAt: number;
}

/** Options of {@linkcode accessLog}. */
export interface AccessLogOptions {
  /**
   * Where lines go. Default: `console.log`.
   *
   * @param line `server ws numbers.count 127.0.0.1:52114 ok 12.3ms in=0 out=3`; after the name of an error its id
   * @param entry The same, in parts
   */
  readonly log?: (line: string, entry: AccessLogEntry) => void;
}

/**
 * An interceptor that logs every call when it ends, whatever the outcome: one line each. Neither payloads, messages,
 * headers nor the text of errors are in it.
 *
 * @param options Where lines go
 *
 * @example
 * ```ts
 * import { accessLog, implement } from "@x/goats";
 * import { memoryClient } from "@x/goats/testing";
 * import { Method, Result, Service, String } from "@x/goats/design";
 * import { assertMatch } from "@std/assert";
 *
 * const lines: string[] = [];
 * const hello = Service("hello", Method("greet", Result(String)));
 * const service = implement(hello, { greet: () => "Hello" }, {
 *   interceptors: [accessLog({ log: (line) => lines.push(line) })],
 * });
 * await using client = memoryClient(service);
 * await client.greet();
 * assertMatch(lines[0]!, /^server memory hello\.greet memory ok [\d.]+ms in=0 out=1$/);
 * ```
 */
export function accessLog(options: AccessLogOptions = {}): Interceptor {
  const { log = (line: string) => console.log(line) } = options;
  return {
    end({ error, ok, ms, received, sent }, { side, request, startedAt }) {
      const { transport, service, method, peer } = request;
      const outcome = ok ? "ok" : nameOf(error);
      const id = error instanceof ServiceError ? error.id : undefined;
      const line = `${side} ${transport} ${service}.${method} ${peer === "" ? "-" : peer} ${outcome}${
        id === undefined ? "" : `#${id}`
      } ${ms.toFixed(1)}ms in=${received} out=${sent}`;
      return log(line, {
        side,
        transport,
        service,
        method,
        peer,
        outcome,
        ...(id === undefined ? {} : { errorId: id }),
        ms,
        received,
        sent,
        startedAt,
      });
    },
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "aborted";
}
