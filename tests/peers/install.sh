#!/bin/sh
# What the tests here need besides Deno: gRPC's C core with its Python face, protoc with its generator for it, grpc-go's
# interop binaries and a server with its reflection, grpcurl.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="python3-grpcio python3-protobuf protobuf-compiler protobuf-compiler-grpc"
command -v go >/dev/null || packages="$packages golang-go"
apt-get update
# shellcheck disable=SC2086 # several words on purpose
apt-get install -y --no-install-recommends $packages

# The last versions that Debian's older Go compiles are grpc-go 1.64 and grpcurl 1.8.9.
minor=$(go env GOVERSION | sed -E 's/^go1\.([0-9]+).*/\1/')
if [ "$minor" -ge 25 ]; then grpc=v1.85.0 grpcurl=v1.9.3; else grpc=v1.64.1 grpcurl=v1.8.9; fi

# Tests of what cannot be had are left out, and say so: no network holds this up for longer than six minutes.
by=$(($(date +%s) + 360))
make_go() {
  left=$((by - $(date +%s)))
  [ "$left" -gt 0 ] && GOBIN="$here/.go/bin" timeout "$left" go install "$1" || echo "no $1" >&2
}
make_go "google.golang.org/grpc/interop/client@$grpc"
make_go "google.golang.org/grpc/interop/server@$grpc"
make_go "github.com/fullstorydev/grpcurl/cmd/grpcurl@$grpcurl"

# A server of the same grpc-go that tells what it offers.
make_reflect() {
  build=$(mktemp -d)
  cp "$here/reflect/main.go" "$build"
  (
    cd "$build" && go mod init goats.test/reflect &&
      GOFLAGS=-mod=mod timeout "$left" go get "google.golang.org/grpc@$grpc" &&
      GOFLAGS=-mod=mod timeout "$left" go build -o "$here/.go/bin/reflect" .
  )
}
left=$((by - $(date +%s)))
[ "$left" -gt 0 ] && make_reflect || echo "no server with grpc-go's reflection" >&2
