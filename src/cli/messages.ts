/**
 * JSON in and out of the messages of a method.
 *
 * @module
 */
import { anyView } from "../codec/any_view.ts";
import type { Json, JsonCodec } from "../codec/codec.ts";
import { jsonCodec } from "../codec/json.ts";
import { checkView, hasViews, runtimeView, viewNames } from "../codec/view.ts";
import type { AttributeModel, MethodModel } from "../design/model.ts";
import { suggestion, UsageError } from "./usage_error.ts";

/** The messages of one method, as the transport has them and as JSON. */
export interface Messages {
  /** The payload; throws what is invalid. */
  payload(json: Json): unknown;
  /** One item of its stream. */
  item(text: string): unknown;
  /**
   * One result.
   *
   * @param view The view that it came in, where the transport can tell
   */
  result(value: unknown, view: string | undefined): string;
}

/**
 * Makes the messages of a designed method.
 *
 * @param asked The view that results are shown in; as they come when absent
 * @throws {UsageError} When there is no such view
 */
export function designMessages(method: MethodModel, streaming: boolean, asked?: string): Messages {
  const context = `${method.service}.${method.name}`;
  const sent = streaming ? method.streamingResult : method.result;
  if (asked !== undefined) checkAsked(sent, asked, context);
  const { payload, streamingPayload } = method;
  const item = streamingPayload && jsonCodec(streamingPayload, { root: "streaming_payload", context });
  const results = new Map<string | undefined, JsonCodec>();

  function resultCodec(view: string | undefined): JsonCodec {
    let codec = results.get(view);
    if (codec === undefined) {
      const options = { root: "result", context };
      codec = view === undefined && runtimeView(method)
        ? jsonCodec(anyView(sent!), options)
        : jsonCodec(sent!, { ...options, ...(view === undefined ? {} : { view }) });
      results.set(view, codec);
    }
    return codec;
  }

  return {
    payload: (json) =>
      payload === undefined ? undefined : jsonCodec(payload, { root: "payload", context }).fromJson(json),
    item: (text) => item!.decode(text),
    result(value, view) {
      if (asked === undefined) return resultCodec(view).encode(value);
      try {
        return resultCodec(asked).encode(value);
      } catch (error) {
        throw new UsageError(
          `Cannot show results of ${context} in view ${asked}: the server sent view ${view ?? "unknown"}`,
          { cause: error },
        );
      }
    },
  };
}

function checkAsked(sent: AttributeModel | undefined, asked: string, context: string): void {
  if (sent === undefined || !hasViews(sent)) throw new UsageError(`Results of ${context} have no views`);
  try {
    checkView(sent, asked);
  } catch {
    throw new UsageError(
      `Results of ${context} have no view ${JSON.stringify(asked)}${suggestion(asked, viewNames(sent))}`,
    );
  }
}
