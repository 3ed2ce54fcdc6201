/**
 * What our clients see of an answer before grpc-js (1.14.7) does, and what they tell it instead: it takes `0` for the
 * status in whatever `Number` makes 0 of, leaves some escapes in messages, reads pages of proxies as messages, and lets
 * pass what message_frames.ts is for.
 *
 * @module
 */
import type { MarkedCall } from "./call_marks.ts";
import { keepEncodings } from "./gzip.ts";
import type { AnswerChecks, Received } from "./http2/client_stream.ts";
import { Code } from "./codes.ts";
import { compressionFault, messageFrames } from "./message_frames.ts";

const STATUS = "grpc-status";
const MESSAGE = "grpc-message";
const NUMBER = /^\d+$/;
const GRPC = /^application\/grpc/i;
/** What grpc-js unpacks. */
const ENCODINGS: ReadonlySet<string> = new Set(["gzip", "deflate"]);

/** Looks at the headers of an answer; gives what looks at the rest. */
export function checkAnswer(headers: Record<string, unknown>, call?: MarkedCall): AnswerChecks {
  keepEncodings(headers);
  tidyStatus(headers);
  const { ":status": http, "content-type": type } = headers;
  const frames = messageFrames(compressionFault(headers["grpc-encoding"], ENCODINGS), call?.messageBytes);
  const foreign = typeof type === "string" && !GRPC.test(type);

  /** Trailers of an answer that is none. Without a status, grpc-js goes by HTTP's. */
  function broken(): Received {
    if (http !== 200) return {};
    if (foreign) {
      return status(Code.unknown, `Received HTTP status code 200 with content-type ${type.slice(0, 64)}`);
    }
    return frames.tooLarge ? status(Code.resourceExhausted, frames.fault!) : failure(frames.fault!);
  }

  return {
    take: (chunk) => foreign ? 0 : frames.take(chunk),
    broken,
    trailers(trailers) {
      if (trailers === undefined) return foreign ? broken() : undefined;
      tidyStatus(trailers);
      const cut = frames.cut() && Number(trailers[STATUS]) === Code.ok;
      return cut ? failure("it ends within a message") : trailers;
    },
  };
}

function failure(why: string): Received {
  return status(Code.internal, `Failed to read the answer: ${why}`);
}

function status(code: number, message: string): Received {
  return { [STATUS]: `${code}`, [MESSAGE]: encodeURI(message.toWellFormed()) };
}

/** Makes of status and message what grpc-js understands as they are meant. */
function tidyStatus(received: Record<string, unknown>): void {
  const { [STATUS]: code, [MESSAGE]: message } = received;
  if (code === undefined) return;
  if (typeof code !== "string" || !NUMBER.test(code)) {
    received[STATUS] = `${Code.unknown}`;
    if (message === undefined || message === "") received[MESSAGE] = "Received%20malformed%20grpc-status";
  }
  if (typeof message === "string" && message.includes("%")) {
    received[MESSAGE] = encodeURI(percentDecoded(message).toWellFormed());
  }
}

/** A status message as it was: what is no escape stands for itself, what is no UTF-8 for U+FFFD (PROTOCOL-HTTP2.md). */
function percentDecoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    const bytes = Uint8Array.from(escapes.slice(1).split("%"), (hex) => parseInt(hex, 16));
    return utf8.decode(bytes);
  });
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
