/**
 * One call at the client, as the core wants it.
 *
 * @module
 */
import type { ProtoMethod } from "../codec/proto_method.ts";
import { LONGEST } from "../core/deadline.ts";
import type { ClientExchange, ClientRequest, ResponseHead } from "../core/exchange.ts";
import { errorOf } from "./status_error.ts";
import { encodedFrom } from "./uncompressed.ts";
import type { ClientEngine, ReceivedStatus } from "./wire.ts";

const ignore = (): void => {};

/**
 * Opens a call and makes its exchange.
 *
 * @throws When the payload is invalid or a header cannot be sent
 */
export function clientExchange(
  method: ProtoMethod,
  request: ClientRequest,
  engine: Pick<ClientEngine, "open">,
): ClientExchange<Uint8Array> {
  const { model, path } = method;
  const { headers, timeout } = request;
  const where = `${model.service}.${model.name}`;
  const single = model.streamingPayload === undefined;
  const first = single || method.payloadInStream ? method.payload.encode(request.payload) : undefined;
  const pairs = method.metadata?.encode(request.payload);
  /** What came before and after the messages. */
  let head: Headers | undefined;
  let trailers: Headers | undefined;
  const opened = Promise.withResolvers<ResponseHead>();
  const closed = Promise.withResolvers<Headers>();
  // Both stay observable; nobody has to observe them.
  opened.promise.catch(ignore);
  closed.promise.catch(ignore);
  let failure: { readonly reason: unknown } | undefined;
  let over = false;

  /** Ends the call for all but the reader. Returns what makes that which writes shall reject with. */
  function settle(status: ReceivedStatus): () => unknown {
    over = true;
    trailers = status.trailers;
    if (status.code === 0) {
      opened.resolve({ headers: head ??= new Headers() });
      closed.resolve(status.trailers);
      return () => new TypeError(`Cannot send on ${where}: the call is over`);
    }
    failure = status.failure ?? { reason: errorOf(status, method, head ?? new Headers()) };
    const { reason } = failure;
    opened.reject(reason);
    closed.reject(reason);
    return () => reason;
  }

  // A grpc-js server takes a longer timeout for a shorter one (`| 0`): it is not told, the core here keeps it.
  const deadline = timeout === undefined || timeout > LONGEST ? undefined : Date.now() + timeout;
  const wire = engine.open({ path, headers, deadline, pairs, message: single ? first : undefined }, {
    headers(headers) {
      head = headers;
      opened.resolve({ headers, view: headers.get("goa-view") ?? undefined });
    },
    status: settle,
    drained() {
      if (failure === undefined) wire.inbox.end();
      else wire.inbox.fail(failure.reason);
    },
  });
  if (first !== undefined && !single) void wire.write(first);

  /** The result: its message, and what traveled beside it. There is one alone, read after the status. */
  function result(message: Uint8Array, view: string): unknown {
    let value = method.result(view).decode(message);
    if (method.headers !== undefined) value = method.headers.decode((key) => head?.get(key) ?? null, value);
    if (method.trailers !== undefined) {
      value = method.trailers.decode((key) => trailers?.get(key) ?? null, value);
    }
    return value;
  }

  return {
    codec: {
      encode: (value) => encodedFrom(value, method.streamingPayload.encode(value)),
      decode: result,
    },
    opened: opened.promise,
    closed: closed.promise,
    read: wire.inbox.read,
    write: wire.write,
    closeSend: wire.closeSend,
    cancel(reason) {
      if (over) return;
      over = true;
      wire.cancel(reason);
      wire.inbox.abort(reason);
      opened.reject(reason);
      closed.reject(reason);
    },
  };
}
