/**
 * One call at the server, as the core wants it.
 *
 * @module
 */
import type { Pair } from "../codec/pairs.ts";
import type { ProtoMethod } from "../codec/proto_method.ts";
import type { Outcome, ServerExchange, TransportName } from "../core/exchange.ts";
import type { PeerCertificate } from "../core/peer_certificate.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError, faultOf } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { statusOf } from "./error_status.ts";
import { encodedFrom } from "./uncompressed.ts";
import type { CallWire, WireStatus } from "./wire.ts";

/** Timers may fire a little before the clock says so. */
const CLOCK_SLACK_MS = 5;

/**
 * Makes the exchange of a call.
 *
 * @param deadline When it has to be over, if not when its caller says
 */
export function serverExchange(
  method: ProtoMethod,
  wire: CallWire,
  deadline: number | undefined = wire.deadline,
): ServerExchange<Uint8Array> {
  const { model } = method;
  const { inbox } = wire;
  const where = `${model.service}.${model.name}`;
  const gone = new AbortController();
  const single = model.streamingPayload === undefined;
  const oneResult = model.streamingResult === undefined;
  let wrote = false;
  let unsent: { readonly error: unknown } | undefined;
  /** Headers that wait for the result, some of whose attributes travel in them. */
  let waiting: Headers | undefined;
  let sentHead = false;
  let pairs: { readonly headers: readonly Pair[]; readonly trailers: readonly Pair[] } | undefined;

  wire.onGone((why) => {
    const late = deadline !== undefined && Date.now() >= deadline - CLOCK_SLACK_MS;
    const reason = why !== undefined
      ? why
      : late
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

  function encode(value: unknown, view: string): Uint8Array {
    const message = encodedFrom(value, method.result(view).encode(value));
    if (method.headers !== undefined || method.trailers !== undefined) {
      pairs = {
        headers: method.headers?.encode(value) ?? [],
        trailers: method.trailers?.encode(value) ?? [],
      };
    }
    return message;
  }

  function sendHead(headers: Headers, pairs?: readonly Pair[]): void {
    waiting = undefined;
    sentHead = true;
    try {
      wire.sendHeaders(headers, pairs);
    } catch (error) {
      // Headers that cannot be sent end the call, and not only for the handler that set them.
      unsent = { error };
    }
  }

  /** What is not in the first message of a stream, or in the only one. */
  function whole(message: unknown): unknown {
    return method.metadata === undefined
      ? message
      : method.metadata.decode((key) => wire.headers().get(key), message);
  }

  function write(message: Uint8Array): void | Promise<void> {
    if (waiting !== undefined) sendHead(waiting, pairs?.headers);
    if (unsent !== undefined) return Promise.reject(unsent.error);
    wrote = true;
    return wire.write(message);
  }

  function outcomeStatus({ error, trailers }: Outcome): WireStatus {
    if (error === undefined) return { code: 0, message: "", trailers, pairs: pairs?.trailers };
    const status = statusOf(error, method, trailers);
    if (waiting !== undefined || !sentHead && status.headers.length > 0) {
      sendHead(waiting ?? new Headers(), status.headers);
      if (unsent !== undefined) throw unsent.error;
      return status;
    }
    return sentHead ? { ...status, pairs: [...status.headers, ...status.pairs] } : status;
  }

  return {
    request: new GrpcRequest(model, wire, deadline),
    codec: {
      // Attributes that travel in headers are left behind by the encoder for its own call.
      ...(method.headers === undefined && method.trailers === undefined ? { alike: method } : {}),
      decode: (message) => method.streamingPayload.decode(message),
      encode,
    },
    signal: gone.signal,
    streaming: !oneResult,
    async payload() {
      if (single) return whole(method.payload.decode(await onlyMessage()));
      // A payload without attributes is not sent in front of a stream.
      if (!method.payloadInStream) return model.payload && whole({});
      const first = await inbox.read();
      if (first === null) throw missingPayload(where);
      return whole(method.payload.decode(first));
    },
    read: inbox.read,
    stopReading: inbox.discard,
    open(head) {
      let told = head.headers;
      if (head.view !== undefined) {
        told = new Headers(told);
        told.set("goa-view", head.view);
      }
      if (method.headers !== undefined) waiting = told;
      else sendHead(told);
    },
    write,
    async end(outcome) {
      // An rpc that does not stream results has one response message, even if there is nothing to tell.
      if (outcome.error === undefined && oneResult && !wrote) {
        if (waiting !== undefined) sendHead(waiting);
        if (unsent === undefined) write(method.result().encode(undefined));
      }
      try {
        if (unsent !== undefined) throw unsent.error;
        await wire.end(outcomeStatus(outcome));
      } catch (error) {
        await wire.end(statusOf(faultOf(error), method, new Headers()));
        throw error;
      }
    },
  };
}

/**
 * A request as handlers see it. Its accessors are shared by all (see core/shared_accessors.ts), and its own, so that it can
 * be spread.
 */
class GrpcRequest {
  readonly #wire: CallWire;
  #tls: { readonly certificate: PeerCertificate | undefined } | undefined;
  readonly transport: TransportName;
  readonly service: string;
  readonly method: string;
  readonly peer: string;
  readonly deadline: number | undefined;
  declare readonly headers: Headers;

  constructor(model: MethodModel, wire: CallWire, deadline: number | undefined) {
    this.#wire = wire;
    this.transport = wire.transport ?? "grpc";
    this.service = model.service;
    this.method = model.name;
    this.peer = wire.peer;
    this.deadline = deadline;
    Object.defineProperty(this, "headers", GrpcRequest.#HEADERS);
    if (wire.certificate !== undefined) Object.defineProperty(this, "tls", GrpcRequest.#TLS);
  }

  static readonly #HEADERS: PropertyDescriptor = {
    enumerable: true,
    get(this: GrpcRequest) {
      return this.#wire.headers();
    },
  };

  /** Read when somebody asks for it: that takes some 20 µs. */
  static readonly #TLS: PropertyDescriptor = {
    enumerable: true,
    get(this: GrpcRequest) {
      return (this.#tls ??= { certificate: this.#wire.certificate!() }).certificate;
    },
  };
}

function missingPayload(where: string): ServiceError {
  return new ServiceError("missing_payload", `${where}: the payload is missing`);
}
