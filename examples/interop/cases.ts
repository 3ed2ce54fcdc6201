/**
 * The cases of grpc/grpc `doc/interop-test-descriptions.md`, to be run against any server of the test service.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { type ClientOf, type Interceptor, ServiceError } from "@x/goats";
import { grpcClient, type GrpcClientOptions, uncompressed } from "@x/goats/grpc";
import { test, unimplementedMethod, unimplementedService } from "./design.ts";

/** What a case is given: a server of the test service. */
export interface Server {
  /** `host:port`. */
  readonly address: string;
  /** How to reach it. */
  readonly options?: GrpcClientOptions;
  /** Whether it knows which requests were compressed; gRPC's Python, for one, tells nobody. Default `true`. */
  readonly seesCompression?: boolean;
  /** Whether it compresses the responses of a call as the call asks; connect-node, for one, goes by size. Default `true`. */
  readonly compressesByCall?: boolean;
}

type TestClient = ClientOf<typeof test>;

const REQUESTS = [27182, 8, 1828, 45904];
const RESPONSES = [31415, 9, 2653, 58979];

const payload = (size: number) => ({ type: 0, body: new Uint8Array(size) });
const sizeOf = (message: { readonly payload?: { readonly body?: Uint8Array } } | null): number | undefined =>
  message === null ? undefined : message.payload?.body?.length ?? 0;

/** Expects an error of this name; returns it. */
async function fails(name: string, call: Promise<unknown>): Promise<ServiceError> {
  const error = await assertRejects(() => call, ServiceError);
  assertEquals(error.name, name);
  return error;
}

/** Makes a case of what one client does. */
function withClient(
  run: (client: TestClient, besides: () => Besides, server: Server) => Promise<void>,
): (server: Server) => Promise<void> {
  return async (server) => {
    const { address, options } = server;
    let besides: Besides | undefined;
    const listen: Interceptor = {
      end({ trailers }, { opened }) {
        besides = { opened, trailers };
      },
    };
    await using client = grpcClient(test, address, { ...options, interceptors: [listen] });
    await run(client, () => besides!, server);
  };
}

/** What came beside the messages of the last call: a unary method gives its result alone. */
interface Besides {
  readonly opened: Promise<{ readonly headers: Headers }>;
  readonly trailers: Headers;
}

const LARGE = { response_type: 0, response_size: 314159, payload: payload(271828) };

/** Headers by which a call of ours compresses. */
const GZIP = { "grpc-encoding": "gzip" };
const YES = { value: true };
const NO = { value: false };

/** A server that does not compress its responses, which gRPC leaves to it, says so by its headers. */
const encodingOf = ({ headers }: { readonly headers: Headers }): string | null =>
  headers.get("grpc-encoding");

/** A case by its name there. */
export const cases: Readonly<Record<string, (server: Server) => Promise<void>>> = {
  empty_unary: withClient(async (client) => {
    assertEquals(await client.empty_call({}), {});
  }),

  large_unary: withClient(async (client) => {
    assertEquals(sizeOf(await client.unary_call(LARGE)), 314159);
  }),

  client_compressed_unary: withClient(async (client, _, { seesCompression = true }) => {
    if (seesCompression) {
      await fails("invalid_argument", client.unary_call({ ...LARGE, expect_compressed: YES }));
    }
    const compressed = client.unary_call({ ...LARGE, expect_compressed: YES }, { headers: GZIP });
    assertEquals(sizeOf(await compressed), 314159);
    assertEquals(sizeOf(await client.unary_call({ ...LARGE, expect_compressed: NO })), 314159);
  }),

  server_compressed_unary: withClient(async (client, besides, { compressesByCall = true }) => {
    assertEquals(sizeOf(await client.unary_call({ ...LARGE, response_compressed: YES })), 314159);
    assertEquals(encodingOf(await besides().opened), "gzip");
    assertEquals(sizeOf(await client.unary_call({ ...LARGE, response_compressed: NO })), 314159);
    if (compressesByCall) assertEquals(encodingOf(await besides().opened), null);
  }),

  client_streaming: withClient(async (client) => {
    const stream = client.streaming_input_call();
    for (const size of REQUESTS) await stream.send({ payload: payload(size) });
    assertEquals((await stream.closeAndRecv()).aggregated_payload_size, 74922);
  }),

  client_compressed_streaming: withClient(async (client, _, { seesCompression = true }) => {
    const probe = { payload: payload(27182), expect_compressed: YES };
    if (seesCompression) {
      const plain = client.streaming_input_call();
      plain.send(probe).catch(() => {});
      await fails("invalid_argument", plain.closeAndRecv());
    }
    const stream = client.streaming_input_call({ headers: GZIP });
    await stream.send(probe);
    await stream.send(uncompressed({ payload: payload(45904), expect_compressed: NO }));
    assertEquals((await stream.closeAndRecv()).aggregated_payload_size, 73086);
  }),

  server_streaming: withClient(async (client) => {
    const stream = client.streaming_output_call({
      response_type: 0,
      response_parameters: RESPONSES.map((size) => ({ size })),
    });
    assertEquals((await Array.fromAsync(stream)).map(sizeOf), RESPONSES);
  }),

  server_compressed_streaming: withClient(async (client) => {
    const stream = client.streaming_output_call({
      response_parameters: [{ size: 31415, compressed: YES }, { size: 92653, compressed: NO }],
    });
    assertEquals((await Array.fromAsync(stream)).map(sizeOf), [31415, 92653]);
    assertEquals(encodingOf(await stream.opened), "gzip");
  }),

  ping_pong: withClient(async (client) => {
    const stream = client.full_duplex_call();
    for (const [i, size] of RESPONSES.entries()) {
      await stream.send({ response_parameters: [{ size }], payload: payload(REQUESTS[i]!) });
      assertEquals(sizeOf(await stream.recv()), size);
    }
    await stream.closeSend();
    assertEquals(await stream.recv(), null);
  }),

  empty_stream: withClient(async (client) => {
    const stream = client.full_duplex_call();
    await stream.closeSend();
    assertEquals(await stream.recv(), null);
  }),

  custom_metadata: withClient(async (client, besides) => {
    const initial = "test_initial_metadata_value";
    const trailing = "q6ur"; // 0xababab
    const headers = { "x-grpc-test-echo-initial": initial, "x-grpc-test-echo-trailing-bin": trailing };
    assertEquals(sizeOf(await client.unary_call({ response_size: 1, payload: payload(1) }, { headers })), 1);
    assertEquals((await besides().opened).headers.get("x-grpc-test-echo-initial"), initial);
    assertEquals(besides().trailers.get("x-grpc-test-echo-trailing-bin"), trailing);

    const stream = client.full_duplex_call({ headers });
    await stream.send({ response_parameters: [{ size: 1 }], payload: payload(1) });
    assertEquals(sizeOf(await stream.recv()), 1);
    await stream.closeSend();
    assertEquals(await stream.recv(), null);
    assertEquals((await stream.opened).headers.get("x-grpc-test-echo-initial"), initial);
    assertEquals((await stream.closed).get("x-grpc-test-echo-trailing-bin"), trailing);
  }),

  status_code_and_message: withClient(async (client) => {
    const response_status = { code: 2, message: "test status message" };
    const unary = await fails("unknown", client.unary_call({ response_status }));
    assertEquals(unary.message, response_status.message);

    const stream = client.full_duplex_call();
    await stream.send({ response_status });
    await stream.closeSend();
    const streamed = await fails("unknown", stream.recv());
    assertEquals(streamed.message, response_status.message);
  }),

  special_status_message: withClient(async (client) => {
    const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    const error = await fails("unknown", client.unary_call({ response_status: { code: 2, message } }));
    assertEquals(error.message, message);
  }),

  async unimplemented_method({ address, options }) {
    await using client = grpcClient(unimplementedMethod, address, options);
    await fails("unimplemented", client.unimplemented_call({}));
  },

  async unimplemented_service({ address, options }) {
    await using client = grpcClient(unimplementedService, address, options);
    await fails("unimplemented", client.unimplemented_call({}));
  },

  cancel_after_begin: withClient(async (client) => {
    // The request shall begin: grpc-js sends nothing before it is connected.
    await client.empty_call({});
    const stream = client.streaming_input_call();
    stream.cancel();
    await fails("canceled", stream.closeAndRecv());
  }),

  cancel_after_first_response: withClient(async (client) => {
    const stream = client.full_duplex_call();
    await stream.send({ response_parameters: [{ size: 31415 }], payload: payload(27182) });
    assertEquals(sizeOf(await stream.recv()), 31415);
    stream.cancel();
    await fails("canceled", stream.recv());
  }),

  timeout_on_sleeping_server: withClient(async (client) => {
    await client.empty_call({});
    const stream = client.full_duplex_call({ timeout: 1 });
    stream.send({ payload: payload(27182) }).catch(() => {});
    await fails("timeout", stream.recv());
  }),
};
