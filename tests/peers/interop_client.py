"""The interop cases on gRPC's C core. interop_client.py DIR PORT CASE...: where protoc put its modules; prints passed cases."""
import queue
import sys
import threading
import traceback

import grpc

sys.path.insert(0, sys.argv[1])
import interop_pb2 as t  # noqa: E402

SERVICE = "/grpc.testing.TestService/"
REQUESTS = [27182, 8, 1828, 45904]
RESPONSES = [31415, 9, 2653, 58979]
GZIP = grpc.Compression.Gzip
channel = grpc.insecure_channel("127.0.0.1:" + sys.argv[2])


def stub(kind, name, request, response, service=SERVICE):
    return getattr(channel, kind)(service + name, request_serializer=request.SerializeToString,
                                  response_deserializer=response.FromString)


empty = stub("unary_unary", "EmptyCall", t.Empty, t.Empty)
unary = stub("unary_unary", "UnaryCall", t.SimpleRequest, t.SimpleResponse)
output = stub("unary_stream", "StreamingOutputCall", t.StreamingOutputCallRequest, t.StreamingOutputCallResponse)
upload = stub("stream_unary", "StreamingInputCall", t.StreamingInputCallRequest, t.StreamingInputCallResponse)
duplex = stub("stream_stream", "FullDuplexCall", t.StreamingOutputCallRequest, t.StreamingOutputCallResponse)


def payload(size):
    return t.Payload(type=t.COMPRESSABLE, body=bytes(size))


def asked(*sizes, **more):
    return t.StreamingOutputCallRequest(response_parameters=[t.ResponseParameters(size=s) for s in sizes], **more)


def same(got, want):
    assert got == want, f"{got!r} is not {want!r}"


def fails(code, call):
    try:
        call()
    except grpc.RpcError as error:
        same(error.code(), code)
        return error
    raise AssertionError(f"no {code}")


def sizes(stream):
    return [len(message.payload.body) for message in stream]


def large(**more):
    return t.SimpleRequest(response_size=314159, payload=payload(271828), **more)


def empty_unary():
    same(empty(t.Empty()), t.Empty())


def large_unary():
    same(len(unary(large()).payload.body), 314159)


def client_compressed_unary():
    yes, no = {"value": True}, {"value": False}
    fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: unary(large(expect_compressed=yes)))
    same(len(unary(large(expect_compressed=yes), compression=GZIP).payload.body), 314159)
    same(len(unary(large(expect_compressed=no)).payload.body), 314159)


def server_compressed_unary():
    # What is on the wire, the Python of gRPC does not tell: tests/grpc_call_test.ts looks at it.
    for value in (True, False):
        same(len(unary(large(response_compressed={"value": value})).payload.body), 314159)


def client_streaming():
    same(upload(t.StreamingInputCallRequest(payload=payload(s)) for s in REQUESTS).aggregated_payload_size, 74922)


def client_compressed_streaming():
    probe = t.StreamingInputCallRequest(payload=payload(27182), expect_compressed={"value": True})
    fails(grpc.StatusCode.INVALID_ARGUMENT, lambda: upload(iter([probe])))
    # The Python of gRPC leaves out compression for single messages of servers alone.
    more = t.StreamingInputCallRequest(payload=payload(45904), expect_compressed={"value": True})
    same(upload(iter([probe, more]), compression=GZIP).aggregated_payload_size, 73086)


def server_streaming():
    same(sizes(output(asked(*RESPONSES))), RESPONSES)


def server_compressed_streaming():
    request = asked(31415, 92653)
    request.response_parameters[0].compressed.value = True
    request.response_parameters[1].compressed.value = False
    same(sizes(output(request)), [31415, 92653])


def ping_pong():
    ready = queue.Queue()

    def requests():
        for i, size in enumerate(RESPONSES):
            yield asked(size, payload=payload(REQUESTS[i]))
            ready.get()

    stream = duplex(requests())
    for size in RESPONSES:
        same(len(next(stream).payload.body), size)
        ready.put(None)
    same(list(stream), [])


def empty_stream():
    same(list(duplex(iter([]))), [])


def custom_metadata():
    sent = (("x-grpc-test-echo-initial", "test_initial_metadata_value"),
            ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab"))

    def check(call):
        same(dict(call.initial_metadata())[sent[0][0]], sent[0][1])
        same(dict(call.trailing_metadata())[sent[1][0]], sent[1][1])

    reply, call = unary.with_call(t.SimpleRequest(response_size=1, payload=payload(1)), metadata=sent)
    same(len(reply.payload.body), 1)
    check(call)
    stream = duplex(iter([asked(1, payload=payload(1))]), metadata=sent)
    same(sizes(stream), [1])
    check(stream)


def status_code_and_message():
    status = t.EchoStatus(code=2, message="test status message")
    same(fails(grpc.StatusCode.UNKNOWN, lambda: unary(t.SimpleRequest(response_status=status))).details(), status.message)
    error = fails(grpc.StatusCode.UNKNOWN, lambda: list(duplex(iter([asked(response_status=status)]))))
    same(error.details(), status.message)


def special_status_message():
    status = t.EchoStatus(code=2, message="\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")
    same(fails(grpc.StatusCode.UNKNOWN, lambda: unary(t.SimpleRequest(response_status=status))).details(), status.message)


def unimplemented_method():
    missing = stub("unary_unary", "UnimplementedCall", t.Empty, t.Empty)
    fails(grpc.StatusCode.UNIMPLEMENTED, lambda: missing(t.Empty()))


def unimplemented_service():
    missing = stub("unary_unary", "UnimplementedCall", t.Empty, t.Empty, "/grpc.testing.UnimplementedService/")
    fails(grpc.StatusCode.UNIMPLEMENTED, lambda: missing(t.Empty()))


def cancel_after_begin():
    future = upload.future(forever([]))
    future.cancel()
    same(future.code(), grpc.StatusCode.CANCELLED)


def cancel_after_first_response():
    stream = duplex(forever([asked(31415, payload=payload(27182))]))
    same(len(next(stream).payload.body), 31415)
    stream.cancel()
    fails(grpc.StatusCode.CANCELLED, lambda: next(stream))


def timeout_on_sleeping_server():
    stream = duplex(forever([t.StreamingOutputCallRequest(payload=payload(27182))]), timeout=0.001)
    fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: next(stream))


def forever(messages):
    """Yields the messages and then waits for as long as the program runs."""
    yield from messages
    over.append(threading.Event())
    over[-1].wait()


over = []
failed = False
for case in sys.argv[3:]:
    try:
        globals()[case]()
        print(case, flush=True)
    except Exception:
        failed = True
        print(case, file=sys.stderr)
        traceback.print_exc()
for event in over:
    event.set()
channel.close()
sys.exit(failed)
