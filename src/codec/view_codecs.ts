/**
 * The codecs of a result, one for each view that is asked for.
 *
 * @module
 */
import type { AttributeModel, MethodModel } from "../design/model.ts";
import type { JsonCodec } from "./codec.ts";
import { jsonCodec } from "./json.ts";

/**
 * Gives the JSON codecs of what a method sends, by view, made when first asked for. Throws `invalid_enum_value` for a
 * view that the type does not have, so peers who name views cannot make it grow.
 */
export function viewCodecs(method: MethodModel, sent: AttributeModel): (view: string) => JsonCodec {
  const context = `${method.service}.${method.name}`;
  const codecs = new Map<string, JsonCodec>();
  return (view) => {
    let codec = codecs.get(view);
    if (codec === undefined) codecs.set(view, codec = jsonCodec(sent, { root: "result", context, view }));
    return codec;
  };
}
