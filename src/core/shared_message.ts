/**
 * One message for many calls: each kind of frame is made once.
 *
 * @module
 */
import type { ServerCodec } from "./exchange.ts";

/** A message that many calls send; nobody changes it from then on. */
export interface SharedMessage {
  /** The message as its sender gave it. */
  readonly message: unknown;
  /** The frame of a codec in a view. Throws the validation error, each time. */
  frame<F>(codec: ServerCodec<F>, view: string): F;
}

/** Makes a {@linkcode SharedMessage}. */
export function sharedMessage(message: unknown): SharedMessage {
  // Mostly there is but one kind of frame.
  let lastKey: object | undefined;
  let lastView = "";
  let last: unknown;
  let others: { readonly key: object; readonly view: string; readonly frame: unknown }[] | undefined;
  return {
    message,
    frame<F>(codec: ServerCodec<F>, view: string): F {
      const key = codec.alike ?? codec;
      if (key === lastKey && view === lastView) return last as F;
      const known = others?.find((one) => one.key === key && one.view === view);
      if (known !== undefined) return known.frame as F;
      const frame = codec.encode(message, view);
      // A codec of a single call is not worth remembering.
      if (codec.alike === undefined) return frame;
      if (lastKey !== undefined) (others ??= []).push({ key: lastKey, view: lastView, frame: last });
      lastKey = key;
      lastView = view;
      last = frame;
      return frame;
    },
  };
}
