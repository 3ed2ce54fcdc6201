/**
 * A body whose messages are in envelopes, of a response or of a request.
 *
 * @module
 */
import { type OutgoingBody, outgoingBody } from "../core/outgoing_body.ts";
import { joined } from "./envelope.ts";

/** What a {@linkcode FrameBody} needs to know. */
export interface FrameBodyOptions {
  /** ms in which the peer must take something of what waits for it; absent: no bound. */
  readonly stallMs?: number;
  /** Called when the peer has let go of the body, or took nothing for too long: it is cut off then. */
  readonly gone?: () => void;
  /** What is made of each chunk. */
  readonly encode?: (chunk: Uint8Array) => Uint8Array<ArrayBuffer>;
}

/** A body under way. */
export type FrameBody = OutgoingBody<Uint8Array<ArrayBuffer>>;

/** Makes a body. */
export function frameBody({ stallMs, gone, encode }: FrameBodyOptions): FrameBody {
  return outgoingBody({
    encode(frames) {
      const chunk = frames.length === 1 ? frames[0]! : joined(frames);
      return encode === undefined ? chunk : encode(chunk);
    },
    stallMs,
    gone,
    stalled: gone,
    what: "a stream",
  });
}
