/** grpc-js used by hand, with protobufjs and ./peers/trip_log.proto: what the tests of src/grpc talk with. */
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  Server,
  type ServerDuplexStream,
  type StatusObject,
} from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import protobuf from "protobufjs";
import { listen } from "./grpc_listen.ts";

export { Metadata };
export type Call = ServerDuplexStream<Buffer, Buffer>;

const same = (bytes: Buffer): Buffer => bytes;
const text = (name: string) => Deno.readTextFileSync(new URL(`./peers/${name}`, import.meta.url));
const root = new protobuf.Root();
for (const file of ["trip_log.proto", "details.proto"]) protobuf.parse(text(file), root, { keepCase: true });

/** Encodes a message of the .proto files. */
export function encode(type: string, message: object): Buffer {
  return Buffer.from(root.lookupType(type).encode(message).finish());
}

/** Decodes a message of the .proto files; 64-bit integers as numbers. */
export function decode(type: string, bytes: Uint8Array): Record<string, unknown> {
  const found = root.lookupType(type);
  return found.toObject(found.decode(bytes), { longs: Number, bytes: Array });
}

/** What a call by hand came to. */
export interface Got {
  readonly status: StatusObject;
  readonly metadata: Metadata | undefined;
  readonly messages: Uint8Array[];
}

/** A client by hand: every rpc streams both ways, as the wire is the same. */
export interface RawClient extends Disposable {
  open(method: string, metadata?: Metadata, deadline?: number): ClientDuplexStream<Buffer, Buffer>;
  /** Sends all messages, half-closes, and waits for the end. */
  call(method: string, messages: readonly Uint8Array[], metadata?: Metadata): Promise<Got>;
}

export function rawClient(address: string, options: Record<string, string | number> = {}): RawClient {
  const client = new Client(address, credentials.createInsecure(), options);
  const open: RawClient["open"] = (method, metadata = new Metadata(), deadline) =>
    client.makeBidiStreamRequest(`/trip_log.TripLog/${method}`, same, same, metadata, { deadline });
  return {
    open,
    call(method, messages, metadata) {
      const call = open(method, metadata);
      for (const message of messages) call.write(Buffer.from(message));
      call.end();
      return outcome(call);
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/** Waits for the end of a call by hand. */
export function outcome(call: ClientDuplexStream<Buffer, Buffer>): Promise<Got> {
  const messages: Uint8Array[] = [];
  let metadata: Metadata | undefined;
  call.on("metadata", (told: Metadata) => metadata = told);
  call.on("data", (message: Buffer) => messages.push(message));
  call.on("error", () => {});
  return new Promise((resolve) => {
    call.on("status", (status: StatusObject) => {
      if (call.readableEnded) resolve({ status, metadata, messages });
      else call.on("end", () => resolve({ status, metadata, messages }));
    });
  });
}

/** A server by hand. */
export interface RawServer extends AsyncDisposable {
  readonly address: string;
}

export async function rawServer(handlers: Record<string, (call: Call) => void>): Promise<RawServer> {
  const server = new Server();
  for (const [method, handle] of Object.entries(handlers)) {
    server.register(`/trip_log.TripLog/${method}`, handle, same, same, "bidi");
  }
  const port = await listen(server);
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.tryShutdown(() => resolve());
        server.forceShutdown();
      }),
  };
}

/** Ends a call by hand with a status. */
export function fail(call: Call, code: number, details: string, metadata: Metadata = new Metadata()): void {
  call.emit("error", { code, details, metadata });
}
