"""Calls keeper.Keeper/Put by hand: attributes in metadata, headers and trailers. Prints what came back as JSON."""

import json
import sys

import grpc

METADATA = (
    ("x-tenant", "acme"),
    ("labels", "a"),
    ("labels", "b"),
    ("hash-bin", b"\x00\xff"),
    ("parts-bin", b"\x01"),
    ("parts-bin", b"\x02\x03"),
    ("title-bin", "Gruß".encode()),
)


def plain(metadata):
    told = {}
    for key, value in metadata:
        if key != "date" and not key.startswith("grpc-"):
            told.setdefault(key, []).append(value.hex() if isinstance(value, bytes) else value)
    return told


def call(method, metadata):
    try:
        reply, done = method.with_call(b"", metadata=metadata, timeout=10)
        return {
            "reply": reply.hex(),
            "initial": plain(done.initial_metadata()),
            "trailing": plain(done.trailing_metadata()),
        }
    except grpc.RpcError as error:
        return {
            "code": error.code().value[0],
            "initial": plain(error.initial_metadata()),
            "trailing": plain(error.trailing_metadata()),
        }


with grpc.insecure_channel("127.0.0.1:" + sys.argv[1]) as channel:
    put = channel.unary_unary("/keeper.Keeper/Put")
    print(json.dumps({
        "put": call(put, METADATA),
        "lost": call(put, (("x-tenant", "nobody"),)),
        "missing": call(put, ()),
    }))
