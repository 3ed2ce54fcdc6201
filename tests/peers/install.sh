#!/bin/sh
# What the tests here need besides Deno: gRPC's C core with its Python face, and protoc.
set -eu
apt-get update
apt-get install -y --no-install-recommends python3-grpcio python3-protobuf protobuf-compiler
