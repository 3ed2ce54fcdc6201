#!/bin/sh
# What the tests here need besides Deno: gRPC's C core with its Python face, protoc with its generator for it,
# grpc-go's interop binaries, and a server with its reflection.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="python3-grpcio python3-protobuf protobuf-compiler protobuf-compiler-grpc"
command -v go >/dev/null || packages="$packages golang-go"
apt-get update
# shellcheck disable=SC2086 # several words on purpose
apt-get install -y --no-install-recommends $packages

# The last grpc-go that Debian's older Go compiles is 1.64.
minor=$(go env GOVERSION | sed -E 's/^go1\.([0-9]+).*/\1/')
if [ "$minor" -ge 25 ]; then version=v1.85.0; else version=v1.64.1; fi
for name in client server; do
  GOBIN="$here/.go/bin" go install "google.golang.org/grpc/interop/$name@$version"
done

# A server of the same grpc-go that tells what it offers.
build=$(mktemp -d)
cp "$here/reflect/main.go" "$build"
(
  cd "$build"
  go mod init goats.test/reflect
  GOFLAGS=-mod=mod go get "google.golang.org/grpc@$version"
  GOFLAGS=-mod=mod go build -o "$here/.go/bin/reflect" .
)
rm -r "$build"
