/**
 * One call at the server, as the core wants it.
 *
 * @module
 */
import type { ProtoMethod } from "../codec/proto.ts";
import type { Outcome, ServerExchange } from "../core/exchange.ts";
import { builtinError, faultOf } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { statusOf } from "./error_status.ts";
import type { ServerWire, WireStatus } from "./wire.ts";

/** Timers may fire a little before the clock says so. */
const CLOCK_SLACK_MS = 5;

/** Makes the exchange of a call. */
export function serverExchange(method: ProtoMethod, wire: ServerWire): ServerExchange<Uint8Array> {
  const { model } = method;
  const { deadline, headers, inbox, peer } = wire;
  const where = `${model.service}.${model.name}`;
  const gone = new AbortController();
  const single = model.streamingPayload === undefined;
  const oneResult = model.streamingResult === undefined;
  let wrote = false;
  let unsent: { readonly error: unknown } | undefined;

  wire.onGone(() => {
    const late = deadline !== undefined && Date.now() >= deadline - CLOCK_SLACK_MS;
    const reason = late
      ? builtinError("timeout", `${where}: the deadline has passed`)
      : builtinError("canceled", `${where}: the caller has gone or has cancelled`);
    gone.abort(reason);
    return reason;
  });

  /** The one request message. Anything but one is UNIMPLEMENTED (grpc/doc/statuscodes.md, cardinality violation). */
  async function onlyMessage(): Promise<Uint8Array> {
    const message = await inbox.read();
    if (message === null) throw builtinError("unimplemented", `${where} takes one message and got none`);
    if (await inbox.read() !== null) {
      throw builtinError("unimplemented", `${where} takes one message and got several`);
    }
    return message;
  }

  function write(message: Uint8Array): void | Promise<void> {
    wrote = true;
    return wire.write(message);
  }

  return {
    request: { transport: "grpc", service: model.service, method: model.name, headers, peer, deadline },
    codec: {
      decode: (message) => method.streamingPayload.decode(message),
      encode: (value, view) => method.result(view).encode(value),
    },
    signal: gone.signal,
    streaming: !oneResult,
    async payload() {
      if (single) return method.payload.decode(await onlyMessage());
      // A payload without attributes is not sent in front of a stream.
      if (!method.payloadInStream) return model.payload && {};
      const first = await inbox.read();
      if (first === null) throw missingPayload(where);
      return method.payload.decode(first);
    },
    read: inbox.read,
    stopReading: inbox.discard,
    open(head) {
      try {
        const told = new Headers(head.headers);
        if (head.view !== undefined) told.set("goa-view", head.view);
        wire.sendHeaders(told);
      } catch (error) {
        // Headers that cannot be sent end the call, and not only for the handler that set them.
        unsent = { error };
      }
    },
    write: (message) => unsent === undefined ? write(message) : Promise.reject(unsent.error),
    async end(outcome) {
      // An rpc that does not stream results has one response message, even if there is nothing to tell.
      if (outcome.error === undefined && oneResult && !wrote && unsent === undefined) write(new Uint8Array());
      try {
        if (unsent !== undefined) throw unsent.error;
        await wire.end(outcomeStatus(outcome, method));
      } catch (error) {
        await wire.end(statusOf(faultOf(error), method, new Headers()));
        throw error;
      }
    },
  };
}

function outcomeStatus({ error, trailers }: Outcome, method: ProtoMethod): WireStatus {
  return error === undefined ? { code: 0, message: "", trailers } : statusOf(error, method, trailers);
}

function missingPayload(where: string): ServiceError {
  return new ServiceError("missing_payload", `${where}: the payload is missing`);
}
