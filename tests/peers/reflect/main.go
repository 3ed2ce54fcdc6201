// A grpc-go server that tells what it offers: gRPC's interoperability service, and health.
package main

import (
	"fmt"
	"io"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/reflection"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	testgrpc.RegisterTestServiceServer(server, interop.NewTestServer())
	healthgrpc.RegisterHealthServer(server, health.NewServer())
	if len(os.Args) > 1 && os.Args[1] == "v1alpha" {
		reflection.Register(onlyAlpha{server})
	} else {
		reflection.RegisterV1(server)
	}
	fmt.Printf("port %d\n", listener.Addr().(*net.TCPAddr).Port)
	go func() {
		// Ends when its stdin does.
		_, _ = io.Copy(io.Discard, os.Stdin)
		server.Stop()
	}()
	_ = server.Serve(listener)
}

// onlyAlpha leaves v1 out of what reflection.Register registers.
type onlyAlpha struct{ *grpc.Server }

func (s onlyAlpha) RegisterService(desc *grpc.ServiceDesc, impl any) {
	if desc.ServiceName == "grpc.reflection.v1alpha.ServerReflection" {
		s.Server.RegisterService(desc, impl)
	}
}
