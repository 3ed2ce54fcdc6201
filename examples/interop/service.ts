/**
 * gRPC's interoperability service, as grpc/grpc `doc/interop-test-descriptions.md` describes it.
 *
 * @module
 */
import { implement, type ServiceError } from "@x/goats";
import { uncompressed } from "@x/goats/grpc";
import { ERRORS, test } from "./design.ts";

/** What a response shall be like. */
interface Parameters {
  readonly size: number;
  readonly interval_us: number;
  readonly compressed?: { readonly value: boolean };
}

/** What a request may ask for. */
interface Asked {
  readonly response_parameters?: readonly Parameters[];
  readonly response_status?: { readonly code: number; readonly message: string };
}

/** What the handlers here have in common of their calls. */
interface AnyCall {
  readonly request: { readonly headers: Headers };
  readonly response: { readonly headers: Headers; readonly trailers: Headers };
  error(name: typeof ERRORS[number], message: string): ServiceError;
}

const INITIAL = "x-grpc-test-echo-initial";
const TRAILING = "x-grpc-test-echo-trailing-bin";

/** Gives back the metadata that a caller sends to have it back. */
function echo({ request, response }: AnyCall): void {
  const initial = request.headers.get(INITIAL);
  if (initial !== null) response.headers.set(INITIAL, initial);
  const trailing = request.headers.get(TRAILING);
  if (trailing !== null) response.trailers.set(TRAILING, trailing);
}

/** Compresses the responses of a call as its caller asks for. */
function compress({ response }: AnyCall, wanted: boolean): void {
  response.headers.set("grpc-encoding", wanted ? "gzip" : "identity");
}

/**
 * Refuses what is not compressed though its caller says so. The other way round nothing can be told: a call that
 * compresses may send single messages as they are, and a handler sees messages, not how each of them came.
 */
function checkCompression(call: AnyCall, expected: { readonly value: boolean } | undefined): void {
  if (expected?.value && call.request.headers.get("grpc-encoding") === null) {
    throw call.error("invalid_argument", "the request is not compressed");
  }
}

/** Throws the status that a caller asks for. */
function check(call: AnyCall, { response_status: status }: Asked): void {
  if (status === undefined || status.code === 0) return;
  throw call.error(ERRORS[status.code - 1] ?? "unknown", status.message);
}

function body(call: AnyCall, size: number): { type: number; body: Uint8Array } {
  if (size < 0) throw call.error("invalid_argument", `no payload has ${size} bytes`);
  return { type: 0, body: new Uint8Array(size) };
}

function pause(us: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, us / 1000);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** The responses that a request asks for. */
async function* responses(
  call: AnyCall & { readonly signal: AbortSignal },
  { response_parameters = [] }: Asked,
) {
  for (const { size, interval_us, compressed } of response_parameters) {
    if (interval_us > 0) await pause(interval_us, call.signal);
    const response = { payload: body(call, size) };
    yield compressed?.value ? response : uncompressed(response);
  }
}

/** The interoperability service. */
export const testService = implement(test, {
  empty_call: () => ({}),
  unary_call(call) {
    checkCompression(call, call.payload.expect_compressed);
    compress(call, call.payload.response_compressed?.value ?? false);
    echo(call);
    check(call, call.payload);
    return { payload: body(call, call.payload.response_size) };
  },
  cacheable_unary_call(call) {
    echo(call);
    check(call, call.payload);
    return { payload: body(call, call.payload.response_size) };
  },
  streaming_output_call(call) {
    compress(call, call.payload.response_parameters?.some(({ compressed }) => compressed?.value) ?? false);
    return responses(call, call.payload);
  },
  async streaming_input_call(call) {
    let size = 0;
    for await (const { payload, expect_compressed } of call.stream) {
      checkCompression(call, expect_compressed);
      size += payload?.body?.length ?? 0;
    }
    return { aggregated_payload_size: size };
  },
  async *full_duplex_call(call) {
    echo(call);
    for await (const request of call.stream) {
      check(call, request);
      yield* responses(call, request);
    }
  },
  async *half_duplex_call(call) {
    for (const request of await Array.fromAsync(call.stream)) yield* responses(call, request);
  },
});
