/**
 * Which runtimes can send a stream as the body of a request.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";

interface Runtime {
  readonly Deno?: unknown;
  readonly process?: { readonly versions?: { readonly node?: unknown } };
}

/** Whether `fetch` reads the response while it still sends the request; in browsers it never does (Fetch, "half"). */
export function isFullDuplex(): boolean {
  const { Deno, process } = globalThis as Runtime;
  return Deno !== undefined || process?.versions?.node !== undefined;
}

/** Whether a browser's `fetch` sends streams; those that do not make text of them. */
function sendsStreams(): boolean {
  try {
    let asked = false;
    const init = {
      method: "POST",
      body: new ReadableStream(),
      get duplex() {
        asked = true;
        return "half";
      },
    };
    return !new Request("http://localhost/", init as RequestInit).headers.has("content-type") && asked;
  } catch {
    return false;
  }
}

/**
 * Refuses a method that this runtime's `fetch` cannot call.
 *
 * @throws {ServiceError} `unimplemented`
 */
export function checkUploads({ service, name, kind }: MethodModel): void {
  if (kind === "unary" || kind === "server" || isFullDuplex()) return;
  const where = `${service}.${name}`;
  if (kind === "bidi") {
    throw builtinError(
      "unimplemented",
      `${where}: a browser's fetch cannot stream both ways, as Connect does: use a WebSocket`,
    );
  }
  if (!sendsStreams()) {
    throw builtinError(
      "unimplemented",
      `${where}: this browser's fetch cannot send a stream, as Connect does: use a WebSocket`,
    );
  }
}
