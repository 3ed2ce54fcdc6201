"""The interop service on gRPC's C core. interop_server.py DIR: where protoc put its modules. Ends when its stdin does."""
import sys
import time
from concurrent import futures

import grpc

sys.path.insert(0, sys.argv[1])
import interop_pb2 as t  # noqa: E402

GZIP = grpc.Compression.Gzip


def payload(size):
    return t.Payload(type=t.COMPRESSABLE, body=bytes(size))


def echo(context):
    asked = dict(context.invocation_metadata())
    if "x-grpc-test-echo-initial" in asked:
        context.send_initial_metadata((("x-grpc-test-echo-initial", asked["x-grpc-test-echo-initial"]),))
    if "x-grpc-test-echo-trailing-bin" in asked:
        context.set_trailing_metadata((("x-grpc-test-echo-trailing-bin", asked["x-grpc-test-echo-trailing-bin"]),))


def check(request, context):
    if request.response_status.code != 0:
        codes = {code.value[0]: code for code in grpc.StatusCode}
        context.abort(codes[request.response_status.code], request.response_status.message)


def unary_call(request, context):
    if request.response_compressed.value:
        context.set_compression(GZIP)
    echo(context)
    check(request, context)
    return t.SimpleResponse(payload=payload(request.response_size))


def responses(request, context):
    for asked in request.response_parameters:
        time.sleep(asked.interval_us / 1e6)
        if not asked.compressed.value:
            context.disable_next_message_compression()
        yield t.StreamingOutputCallResponse(payload=payload(asked.size))


def output_call(request, context):
    if any(asked.compressed.value for asked in request.response_parameters):
        context.set_compression(GZIP)
    yield from responses(request, context)


def input_call(requests, context):
    return t.StreamingInputCallResponse(aggregated_payload_size=sum(len(r.payload.body) for r in requests))


def duplex_call(requests, context):
    echo(context)
    for request in requests:
        check(request, context)
        yield from responses(request, context)


def handler(kind, behavior, request, response):
    return getattr(grpc, kind + "_rpc_method_handler")(behavior, request.FromString, response.SerializeToString)


server = grpc.server(futures.ThreadPoolExecutor(8))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("grpc.testing.TestService", {
    "EmptyCall": handler("unary_unary", lambda *_: t.Empty(), t.Empty, t.Empty),
    "UnaryCall": handler("unary_unary", unary_call, t.SimpleRequest, t.SimpleResponse),
    "StreamingOutputCall": handler("unary_stream", output_call, t.StreamingOutputCallRequest, t.StreamingOutputCallResponse),
    "StreamingInputCall": handler("stream_unary", input_call, t.StreamingInputCallRequest, t.StreamingInputCallResponse),
    "FullDuplexCall": handler("stream_stream", duplex_call, t.StreamingOutputCallRequest, t.StreamingOutputCallResponse),
}),))
print("port", server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
sys.stdin.read()
server.stop(0).wait()
