"""The service of design.ts on gRPC's C core. server.py DIR: where protoc put its modules."""
import sys
from concurrent import futures

import grpc

sys.path.insert(0, sys.argv[1])
import details_pb2 as d  # noqa: E402
import trip_log_pb2 as t  # noqa: E402

cancelled = []


def status(context, code, message, type_url, detail, more=()):
    """Ends a call as a Goa server does."""
    packed = d.Status(code=code.value[0], message=message)
    packed.details.add(type_url=type_url, value=detail.SerializeToString())
    context.set_trailing_metadata((("grpc-status-details-bin", packed.SerializeToString()), *more))
    context.abort(code, message)


def get_trip(request, context):
    if request.id == 404:
        status(context, grpc.StatusCode.NOT_FOUND, "no such trip", "type.googleapis.com/trip_log.GetTripNotFoundError",
               t.GetTripNotFoundError(id=404, hint="größer 😀"))
    if request.id == 418:
        status(context, grpc.StatusCode.UNKNOWN, "a teapot", "type.googleapis.com/goapb.ErrorResponse",
               d.ErrorResponse(name="teapot", id="abc", msg="a teapot", temporary=True))
    if request.id == 503:
        context.abort(grpc.StatusCode.UNAVAILABLE, "come again")
    if request.id == 8:
        context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too many")
    if request.id == 0:
        return t.GetTripResponse(name=f"{len(cancelled)} cancelled")
    if request.id == 666:
        raise RuntimeError("secret")
    asked = dict(context.invocation_metadata())
    view = request.view or "default"
    context.send_initial_metadata((("goa-view", view), ("x-heard", asked.get("x-ask", "")),
                                   ("x-heard-bin", asked.get("x-ask-bin", b""))))
    context.set_trailing_metadata((("x-told", "bye"),))
    if view == "tiny":
        return t.GetTripResponse(id=request.id, name="Alps")
    return t.GetTripResponse(id=request.id, name="Alps", tags={"height": 1775.5}, photo=b"\x00\xff\x01",
                             stops=[t.Stop(place="Chur", wait=-3), t.Stop(place="Arosa")], seats=4000000000)


def list_ids(request, context):
    try:
        for i in range(1, request.upto + 1):
            yield t.ListIdsResponse(field=i)
    except GeneratorExit:
        cancelled.append("list_ids")
        raise
    if request.upto == 50:
        context.abort(grpc.StatusCode.DATA_LOSS, "fifty and no more")


def upload(requests, context):
    return t.UploadResponse(field=sum(1 for _ in requests))


def talk(requests, context):
    left = context.time_remaining()
    context.send_initial_metadata((("x-left", "none" if left is None or left > 1e6 else f"{left:.3f}"),))
    n = 0
    for request in requests:
        if request.text == "rude":
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "mind your tongue")
        yield t.TalkResponse(text=request.text.upper(), n=n)
        n += 1
    yield t.TalkResponse(text="end", n=-1)


def ping(request, context):
    return t.PingResponse()


def guide(requests, context):
    first = next(requests)
    assert first.WhichOneof("body") == "initial_payload"
    for request in requests:
        assert request.WhichOneof("body") == "stream_item"
        yield t.GuideResponse(field=f"{first.initial_payload.trip}: {request.stream_item.text}")


def pair(request, response):
    return {"request_deserializer": request.FromString, "response_serializer": response.SerializeToString}


handlers = {
    "GetTrip": grpc.unary_unary_rpc_method_handler(get_trip, **pair(t.GetTripRequest, t.GetTripResponse)),
    "ListIds": grpc.unary_stream_rpc_method_handler(list_ids, **pair(t.ListIdsRequest, t.ListIdsResponse)),
    "Upload": grpc.stream_unary_rpc_method_handler(upload, **pair(t.UploadStreamingRequest, t.UploadResponse)),
    "Talk": grpc.stream_stream_rpc_method_handler(talk, **pair(t.TalkStreamingRequest, t.TalkResponse)),
    "Ping": grpc.unary_unary_rpc_method_handler(ping, **pair(t.PingRequest, t.PingResponse)),
    "Guide": grpc.stream_stream_rpc_method_handler(guide, **pair(t.GuideStreamingRequest, t.GuideResponse)),
}
server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("trip_log.TripLog", handlers),))
print("port", server.add_insecure_port("127.0.0.1:0"), grpc.__version__, flush=True)
server.start()
sys.stdin.read()
server.stop(0)
