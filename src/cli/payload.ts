/**
 * The payload that a command line asks for.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { parseJson } from "../codec/json_text.ts";
import { underlying } from "../codec/view.ts";
import type { MethodModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { readFlagFile } from "./flag_value.ts";
import { type PayloadFlags, WHOLE } from "./flags.ts";
import type { CliIo } from "./io.ts";
import type { Messages } from "./messages.ts";
import type { OptionValues } from "./options.ts";
import { InputError } from "./show_error.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Gives the payload of a call, as its transport takes it.
 *
 * @throws {UsageError} When the command line makes no sense
 * @throws {InputError} When the payload is invalid
 */
export async function payloadOf(
  method: MethodModel,
  messages: Messages,
  flags: PayloadFlags,
  options: OptionValues,
  io: CliIo,
): Promise<unknown> {
  const where = `${method.service}.${method.name}`;
  if (method.payload === undefined) {
    if (options.data !== undefined) throw new UsageError(`${where} has no payload: --data has no use`);
    return undefined;
  }
  const base = options.data === undefined ? undefined : await dataOf(options.data, method, io);
  let json: Json = await flags.payload(base);
  if (json === undefined) {
    if (underlying(method.payload.type).kind !== "object") {
      throw new UsageError(`${where} needs a payload: --${WHOLE} VALUE, or --data JSON`);
    }
    json = {};
  }
  try {
    return messages.payload(json);
  } catch (error) {
    throw error instanceof ServiceError ? new InputError(error) : error;
  }
}

async function dataOf(data: string, method: MethodModel, io: CliIo): Promise<Json> {
  let text = data;
  if (data === "-") {
    if (method.streamingPayload !== undefined || method.http?.rawRequest) {
      throw new UsageError(
        `--data - cannot be: ${method.service}.${method.name} takes its ${
          method.streamingPayload === undefined ? "body" : "items"
        } from standard input`,
      );
    }
    text = await new Response(io.stdin() as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  } else if (data.startsWith("@")) {
    text = new TextDecoder().decode(await readFlagFile(data.slice(1), "--data"));
  }
  try {
    return parseJson(text, true);
  } catch (error) {
    throw new UsageError(`--data must be JSON: ${(error as Error).message}`, { cause: error });
  }
}
