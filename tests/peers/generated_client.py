"""Calls the example services with what protoc made of their .proto files. generated_client.py DIR PORT: prints JSON."""
import json
import sys

import grpc

sys.path.insert(0, sys.argv[1])
import analytics_pb2 as analytics  # noqa: E402
import analytics_pb2_grpc  # noqa: E402
import cellar_pb2 as cellar  # noqa: E402
import cellar_pb2_grpc  # noqa: E402
import guide_pb2 as guide  # noqa: E402
import guide_pb2_grpc  # noqa: E402
import monitor_pb2 as monitor  # noqa: E402
import monitor_pb2_grpc  # noqa: E402

with grpc.insecure_channel("127.0.0.1:" + sys.argv[2]) as channel:
    got = {}

    shelf = cellar_pb2_grpc.CellarStub(channel)
    bottle = shelf.Show(cellar.ShowRequest(id=1))
    got["bottle"] = [bottle.id, bottle.name, bottle.vintage, bottle.HasField("region")]
    got["tiny"] = [[b.id, b.name, b.winery] for b in shelf.List(cellar.ListRequest(view="tiny"))]
    try:
        shelf.Show(cellar.ShowRequest(id=999999))
    except grpc.RpcError as error:
        got["missing"] = [error.code().name, error.details()]

    events = (analytics.ProcessStreamingRequest(event_type="t", timestamp="2026-01-02T03:04:05Z", data=b"%d" % i)
              for i in range(1000))
    got["processed"] = analytics_pb2_grpc.AnalyticsStub(channel).Process(events).processed_count

    said = (guide.EchoStreamingRequest(message_=word) for word in ["a", "b", "c"])
    got["echo"] = [r.message_ for r in guide_pb2_grpc.GuideStub(channel).Echo(said)]

    samples = monitor_pb2_grpc.MonitorStub(channel).Watch(monitor.WatchRequest(interval=1))
    first = next(samples)
    samples.cancel()
    got["sample"] = [isinstance(first.cpu, float), isinstance(first.memory, float)]

    print(json.dumps(got))
