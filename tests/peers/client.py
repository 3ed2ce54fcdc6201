"""Calls the service of design.ts from gRPC's C core. client.py DIR PORT: prints what it got as JSON."""
import json
import sys
import threading

import grpc

sys.path.insert(0, sys.argv[1])
import details_pb2 as d  # noqa: E402
import trip_log_pb2 as t  # noqa: E402

channel = grpc.insecure_channel("127.0.0.1:" + sys.argv[2])
PATH = "/trip_log.TripLog/"


def rpc(kind, name, request, response):
    return getattr(channel, kind)(PATH + name, request_serializer=request.SerializeToString,
                                  response_deserializer=response.FromString)


get_trip = rpc("unary_unary", "GetTrip", t.GetTripRequest, t.GetTripResponse)
list_ids = rpc("unary_stream", "ListIds", t.ListIdsRequest, t.ListIdsResponse)
upload = rpc("stream_unary", "Upload", t.UploadStreamingRequest, t.UploadResponse)
talk = rpc("stream_stream", "Talk", t.TalkStreamingRequest, t.TalkResponse)
ping = rpc("unary_unary", "Ping", t.PingRequest, t.PingResponse)
guide = rpc("stream_stream", "Guide", t.GuideStreamingRequest, t.GuideResponse)


def plain(value):
    return value.hex() if isinstance(value, bytes) else value


def metadata(pairs):
    return {k: plain(v) for k, v in pairs if k.startswith("x-") or k == "goa-view"}


def failure(call):
    """How a call failed, its details unpacked."""
    try:
        call()
    except grpc.RpcError as error:
        got = {"code": error.code().name, "message": error.details()}
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                packed = d.Status.FromString(value)
                got["status"] = [packed.code, packed.message]
                got["details"] = [x.type_url for x in packed.details]
                for x in packed.details:
                    kind = x.type_url.rsplit("/")[1]
                    if kind == "goapb.ErrorResponse":
                        r = d.ErrorResponse.FromString(x.value)
                        got["error"] = [r.name, r.msg, r.temporary, r.timeout, r.fault]
                        got["id"] = len(r.id)
                    if kind == "trip_log.GetTripNotFoundError":
                        m = t.GetTripNotFoundError.FromString(x.value)
                        got["not_found"] = [m.id, m.hint]
        return got
    return "no failure"


out = {"version": grpc.__version__}

trip, call = get_trip.with_call(t.GetTripRequest(id=7), metadata=(("x-ask", "why"), ("x-ask-bin", b"\x00\xff")))
out["trip"] = {"id": trip.id, "name": trip.name, "stops": [[s.place, s.wait, s.HasField("wait")] for s in trip.stops],
               "tags": dict(trip.tags), "photo": trip.photo.hex(), "lead": trip.lead_url, "seats": trip.seats}
out["initial"] = metadata(call.initial_metadata())
out["trailing"] = metadata(call.trailing_metadata())
tiny, call = get_trip.with_call(t.GetTripRequest(id=-7, view="tiny"))
out["tiny"] = [tiny.id, tiny.name, len(tiny.stops), tiny.HasField("photo"), dict(call.initial_metadata())["goa-view"]]

out["not_found"] = failure(lambda: get_trip(t.GetTripRequest(id=404)))
out["busy"] = failure(lambda: get_trip(t.GetTripRequest(id=503)))
out["long"] = failure(lambda: get_trip(t.GetTripRequest(id=431)))
out["fault"] = failure(lambda: get_trip(t.GetTripRequest(id=500)))
out["bad_view"] = failure(lambda: get_trip(t.GetTripRequest(id=1, view="huge")))
out["invalid"] = failure(lambda: list(list_ids(t.ListIdsRequest(upto=2000000))))
garbage = channel.unary_unary(PATH + "GetTrip", request_serializer=lambda b: b)
out["garbage"] = failure(lambda: garbage(b"\xff\xff\xff"))
unknown = channel.unary_unary(PATH + "Nothing", request_serializer=lambda b: b)
out["unknown"] = failure(lambda: unknown(b""))
none = channel.stream_unary(PATH + "GetTrip", request_serializer=lambda b: b)
out["none"] = failure(lambda: none(iter([])))
out["two"] = failure(lambda: none(iter([b"", b""])))

out["ids"] = [m.field for m in list_ids(t.ListIdsRequest(upto=1000))]
fifty = []


def take_fifty():
    for m in list_ids(t.ListIdsRequest(upto=50)):
        fifty.append(m.field)


out["mid"] = failure(take_fifty)
out["fifty"] = fifty
out["upload"] = upload(t.UploadStreamingRequest(place=f"p{i}", wait=i) for i in range(3)).field
out["upload_none"] = upload(iter([])).field
out["talk"] = [[m.text, m.n] for m in talk(iter([t.TalkStreamingRequest(text="a"), t.TalkStreamingRequest(text="b")]),
                                           timeout=30)]
said = []


def be_rude():
    for m in talk(iter([t.TalkStreamingRequest(text="a"), t.TalkStreamingRequest(text="rude")])):
        said.append(m.text)


out["rude"] = failure(be_rude)
out["said"] = said
out["ping"] = len(ping(t.PingRequest()).SerializeToString())
out["guide"] = [m.field for m in guide(iter([
    t.GuideStreamingRequest(initial_payload=t.GuideRequest(trip=9)),
    t.GuideStreamingRequest(stream_item=t.GuideStreamItem(text="left")),
    t.GuideStreamingRequest(stream_item=t.GuideStreamItem(text="right"))]))]
out["guide_none"] = failure(lambda: list(guide(iter([]))))

forever = threading.Event()


def waiting():
    yield t.TalkStreamingRequest(text="a")
    forever.wait()


out["deadline"] = failure(lambda: list(talk(waiting(), timeout=0.4)))
call = talk(waiting())
next(call)
call.cancel()
out["cancelled"] = call.code().name
forever.set()
gzip = grpc.insecure_channel("127.0.0.1:" + sys.argv[2], compression=grpc.Compression.Gzip)
compressed = gzip.stream_unary(PATH + "Upload", request_serializer=t.UploadStreamingRequest.SerializeToString,
                               response_deserializer=t.UploadResponse.FromString)
out["gzip"] = compressed(iter([t.UploadStreamingRequest(place="x" * 100000)])).field
gzip.close()
channel.close()
print(json.dumps(out))
