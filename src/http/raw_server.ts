/**
 * Raw bodies of a call over HTTP, at the server.
 *
 * @module
 */
import type { ServerExchange } from "../core/exchange.ts";
import { relayBody, type RelayedBody } from "../core/raw_body.ts";

/** The raw part of a call's exchange. */
export interface RawServer extends Required<Pick<ServerExchange<unknown>, "body" | "sendBody">> {
  /**
   * Ends what is left of the bodies.
   *
   * @returns Whether the answer was given already, with a raw body
   */
  end(error: unknown): boolean;
}

/** What raw bodies need of the call they belong to. */
export interface RawServerOptions {
  /** Tells that the caller has left; returns the error that the call ends with. */
  gone(): unknown;
  /** Answers with a raw body. */
  answer(body: ReadableStream<Uint8Array>, trailers: Headers): void;
}

/** Makes the raw part of a call's exchange. */
export function rawServer(request: Request, where: string, options: RawServerOptions): RawServer {
  let up: RelayedBody | undefined;
  let down: RelayedBody | undefined;
  return {
    body() {
      up ??= relayBody(request.body ?? new Blob().stream(), {
        failed: options.gone,
      });
      return up.stream;
    },
    sendBody(body, trailers) {
      const sent = Promise.withResolvers<void>();
      const relay = relayBody(body, {
        end: sent.resolve,
        failed(error) {
          sent.reject(error);
          return cut();
        },
        cancelled() {
          if (request.method !== "HEAD") options.gone();
          sent.resolve();
        },
      });
      try {
        options.answer(relay.stream, trailers);
      } catch (error) {
        relay.fail(error);
        throw error;
      }
      down = relay;
      return sent.promise;
    },
    end(error) {
      up?.fail(error ?? new TypeError(`Cannot read the body of ${where}: the call is over`));
      down?.fail(cut());
      return down !== undefined;
    },
  };
}

/** Deno cuts the connection then, and writes the error's stack to stderr: without one it is a line. */
function cut(): Error {
  const error = new Error("a raw response body was cut");
  error.stack = undefined;
  return error;
}
