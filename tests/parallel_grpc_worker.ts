/** A worker that tries to serve gRPC where another isolate does already. */
import { grpcServer } from "@x/goats/grpc";

const scope = self as unknown as {
  postMessage(message: string): void;
  onmessage: (event: MessageEvent<string>) => void;
};

scope.onmessage = async ({ data }) => {
  const server = grpcServer([]);
  const told = await server.listen(data).then(() => "it listens", (error: Error) => error.message);
  await server.shutdown(0);
  scope.postMessage(told);
};
