/** The interop cases on connect-node's client, gRPC over HTTP/2. */
import { assertEquals, assertRejects } from "@std/assert";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { compressionGzip, createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { test, unimplementedMethod, unimplementedService } from "../../examples/interop/design.ts";
import { type AnyClient, connectClient, type Message } from "../connect/support.ts";

const REQUESTS = [27182, 8, 1828, 45904];
const RESPONSES = [31415, 9, 2653, 58979];
const payload = (size: number) => ({ body: new Uint8Array(size) });
const sizeOf = (message: Message): number => message.payload.body.length;
const LARGE = { responseSize: 314159, payload: payload(271828) };

/** Connect's clients of a server. */
export interface Clients extends Disposable {
  readonly test: AnyClient;
  /** The same, compressing what it sends. */
  readonly gzip: AnyClient;
  readonly missingMethod: AnyClient;
  readonly missingService: AnyClient;
}

export function connectClients(port: number): Clients {
  const baseUrl = `http://127.0.0.1:${port}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const plain = { baseUrl, sessionManager, acceptCompression: [compressionGzip] };
  const transport = createGrpcTransport(plain);
  return {
    test: connectClient(test, "grpc.testing.TestService", transport),
    gzip: connectClient(
      test,
      "grpc.testing.TestService",
      createGrpcTransport({ ...plain, sendCompression: compressionGzip, compressMinBytes: 1 }),
    ),
    missingMethod: connectClient(unimplementedMethod, "grpc.testing.TestService", transport),
    missingService: connectClient(unimplementedService, "grpc.testing.UnimplementedService", transport),
    [Symbol.dispose]: () => sessionManager.abort(),
  };
}

async function fails(code: Code, call: () => Promise<unknown>): Promise<ConnectError> {
  const error = await assertRejects(call, ConnectError);
  assertEquals(Code[error.code], Code[code]);
  return error;
}

const sizes = async (stream: AsyncIterable<Message>): Promise<number[]> =>
  (await Array.fromAsync(stream)).map(sizeOf);

/** Requests that are sent one by one. */
function requests(): { push(message: Message): void; end(): void; all: AsyncIterable<Message> } {
  const { readable, writable } = new TransformStream<Message, Message>();
  const writer = writable.getWriter();
  return {
    push: (message) => void writer.write(message).catch(() => {}),
    end: () => void writer.close().catch(() => {}),
    // Connect wants what generators have: it asks for the iterator twice, and for `throw`.
    all: async function* () {
      yield* readable;
    }(),
  };
}

/** What came beside the messages of a call. */
function besides(): { headers?: Headers; trailers?: Headers; readonly options: CallOptions } {
  return {
    get options(): CallOptions {
      return {
        onHeader: (headers) => void (this.headers = headers),
        onTrailer: (trailers) => void (this.trailers = trailers),
      };
    },
  };
}

/** A case by its name in grpc/grpc `doc/interop-test-descriptions.md`. */
export const connectCases: Readonly<Record<string, (clients: Clients) => Promise<void>>> = {
  async empty_unary({ test }) {
    assertEquals((await test.emptyCall!({})).$typeName, "grpc.testing.Empty");
  },

  async large_unary({ test }) {
    assertEquals(sizeOf(await test.unaryCall!(LARGE)), 314159);
  },

  async client_compressed_unary({ test, gzip }) {
    await fails(Code.InvalidArgument, () => test.unaryCall!({ ...LARGE, expectCompressed: true }));
    assertEquals(sizeOf(await gzip.unaryCall!({ ...LARGE, expectCompressed: true })), 314159);
    assertEquals(sizeOf(await test.unaryCall!({ ...LARGE, expectCompressed: false })), 314159);
  },

  async server_compressed_unary({ test }) {
    const beside = besides();
    for (const responseCompressed of [true, false]) {
      const reply = await test.unaryCall!({ ...LARGE, responseCompressed }, beside.options);
      assertEquals(sizeOf(reply), 314159);
      assertEquals(beside.headers?.get("grpc-encoding"), responseCompressed ? "gzip" : "identity");
    }
  },

  async client_streaming({ test }) {
    const { push, end, all } = requests();
    for (const size of REQUESTS) push({ payload: payload(size) });
    end();
    assertEquals((await test.streamingInputCall!(all)).aggregatedPayloadSize, 74922);
  },

  // Its transports compress, or do not: the second message, which is to be sent as it is, says nothing.
  async client_compressed_streaming({ test, gzip }) {
    const probe = { payload: payload(27182), expectCompressed: true };
    const plain = requests();
    plain.push(probe);
    plain.end();
    await fails(Code.InvalidArgument, () => test.streamingInputCall!(plain.all));
    const { push, end, all } = requests();
    push(probe);
    push({ payload: payload(45904) });
    end();
    assertEquals((await gzip.streamingInputCall!(all)).aggregatedPayloadSize, 73086);
  },

  async server_streaming({ test }) {
    const responseParameters = RESPONSES.map((size) => ({ size }));
    assertEquals(await sizes(test.streamingOutputCall!({ responseParameters })), RESPONSES);
  },

  async server_compressed_streaming({ test }) {
    const beside = besides();
    const responseParameters = [{ size: 31415, compressed: true }, { size: 92653, compressed: false }];
    const stream = test.streamingOutputCall!({ responseParameters }, beside.options);
    assertEquals(await sizes(stream), [31415, 92653]);
    assertEquals(beside.headers?.get("grpc-encoding"), "gzip");
  },

  async ping_pong({ test }) {
    const { push, end, all } = requests();
    const replies = test.fullDuplexCall!(all)[Symbol.asyncIterator]();
    for (const [i, size] of RESPONSES.entries()) {
      push({ responseParameters: [{ size }], payload: payload(REQUESTS[i]!) });
      assertEquals(sizeOf((await replies.next()).value), size);
    }
    end();
    assertEquals((await replies.next()).done, true);
  },

  async empty_stream({ test }) {
    const { end, all } = requests();
    end();
    assertEquals(await sizes(test.fullDuplexCall!(all)), []);
  },

  async custom_metadata({ test }) {
    const headers = { "x-grpc-test-echo-initial": "test_initial_metadata_value" };
    const trailing = "q6ur"; // 0xababab
    const sent = { headers: { ...headers, "x-grpc-test-echo-trailing-bin": trailing } };
    const beside = besides();
    const check = () => {
      assertEquals(beside.headers?.get("x-grpc-test-echo-initial"), "test_initial_metadata_value");
      assertEquals(beside.trailers?.get("x-grpc-test-echo-trailing-bin"), trailing);
    };
    const one = { responseSize: 1, payload: payload(1) };
    assertEquals(sizeOf(await test.unaryCall!(one, { ...sent, ...beside.options })), 1);
    check();
    beside.headers = beside.trailers = undefined;
    const { push, end, all } = requests();
    push({ responseParameters: [{ size: 1 }], payload: payload(1) });
    end();
    assertEquals(await sizes(test.fullDuplexCall!(all, { ...sent, ...beside.options })), [1]);
    check();
  },

  async status_code_and_message({ test }) {
    const responseStatus = { code: 2, message: "test status message" };
    const unary = await fails(Code.Unknown, () => test.unaryCall!({ responseStatus }));
    assertEquals(unary.rawMessage, responseStatus.message);
    const { push, end, all } = requests();
    push({ responseStatus });
    end();
    const streamed = await fails(Code.Unknown, () => sizes(test.fullDuplexCall!(all)));
    assertEquals(streamed.rawMessage, responseStatus.message);
  },

  async special_status_message({ test }) {
    const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    const error = await fails(
      Code.Unknown,
      () => test.unaryCall!({ responseStatus: { code: 2, message } }),
    );
    assertEquals(error.rawMessage, message);
  },

  async unimplemented_method({ missingMethod }) {
    await fails(Code.Unimplemented, () => missingMethod.unimplementedCall!({}));
  },

  async unimplemented_service({ missingService }) {
    await fails(Code.Unimplemented, () => missingService.unimplementedCall!({}));
  },

  async cancel_after_begin({ test }) {
    const abort = new AbortController();
    const { all } = requests();
    const call = test.streamingInputCall!(all, { signal: abort.signal });
    abort.abort();
    await fails(Code.Canceled, () => call);
  },

  async cancel_after_first_response({ test }) {
    const abort = new AbortController();
    const { push, all } = requests();
    const replies = test.fullDuplexCall!(all, { signal: abort.signal })[Symbol.asyncIterator]();
    push({ responseParameters: [{ size: 31415 }], payload: payload(27182) });
    assertEquals(sizeOf((await replies.next()).value), 31415);
    abort.abort();
    await fails(Code.Canceled, () => replies.next());
  },

  async timeout_on_sleeping_server({ test }) {
    const { push, all } = requests();
    push({ payload: payload(27182) });
    await fails(Code.DeadlineExceeded, () => sizes(test.fullDuplexCall!(all, { timeoutMs: 1 })));
  },
};
