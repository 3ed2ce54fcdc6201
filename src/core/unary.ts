/**
 * A call that ends in one result.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ClientCall } from "./client_call.ts";

/** Takes the one result of a call and its good end; `undefined` for a method without a result. */
export async function onlyResult(method: MethodModel, call: ClientCall<unknown>): Promise<unknown> {
  const { exchange, where } = call;
  try {
    if (call.only !== undefined) {
      const { frame, view } = await call.only();
      return method.result === undefined ? undefined : exchange.codec.decode(frame, view ?? "default");
    }
    const frame = await exchange.read();
    if (frame === null) {
      if (method.result === undefined) return undefined;
      throw builtinError("unavailable", `${where}: the call ended without a result`);
    }
    // An error may still follow: the result counts when the call ended well.
    if (await exchange.read() !== null) {
      throw builtinError("fault", `${where}: the call had more than one result`);
    }
    return method.result === undefined ? undefined : exchange.codec.decode(frame, await viewOf(call));
  } catch (error) {
    call.cancel(error);
    throw error;
  }
}

async function viewOf(call: ClientCall<unknown>): Promise<string> {
  return call.view() ?? (await call.exchange.opened).view ?? "default";
}
