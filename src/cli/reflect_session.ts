/**
 * Asks a gRPC server what it offers (grpc/doc/server-reflection.md), by v1 or v1alpha.
 *
 * @module
 */
import { createClient } from "../core/client.ts";
import type { BidiStreaming } from "../core/client_types.ts";
import { ServiceError } from "../errors/service_error.ts";
import { grpcTransport, type GrpcTransportOptions } from "../grpc/client.ts";
import { designs } from "../grpc/reflection.ts";

/** What is asked; see the design of the protocol. */
interface Question {
  readonly message_request: { readonly type: string; readonly value: string };
}

/** What is told. */
interface Answer {
  readonly message_response: { readonly type: string; readonly value: Told };
}

interface Told {
  readonly file_descriptor_proto?: readonly Uint8Array[];
  readonly service?: readonly { readonly name?: string }[];
  readonly error_code?: number;
  readonly error_message?: string;
}

/** A server that is being asked. */
export interface ReflectSession {
  /** Full names of its services. */
  services(): Promise<readonly string[]>;
  /** Serialized FileDescriptorProtos: the one with the symbol, perhaps with what it imports. */
  filesOfSymbol(name: string): Promise<readonly Uint8Array[]>;
  /** The file of a name. */
  filesByName(name: string): Promise<readonly Uint8Array[]>;
  /** Asks no more. */
  close(): Promise<void>;
}

/** How the server is asked. */
export interface ReflectOptions extends GrpcTransportOptions {
  /** Metadata. */
  readonly headers: Headers;
  /** ms until it must have answered everything. */
  readonly timeout?: number;
  /** Told of the response's headers when they come. */
  readonly onHead: (headers: Headers) => void;
}

const NOT_FOUND = 5;

/** Opens a session; a server that knows v1alpha alone is asked by that. */
export async function reflectSession(address: string, options: ReflectOptions): Promise<ReflectSession> {
  const { headers, timeout } = options;
  let last: unknown;
  for (const design of designs) {
    const client = createClient(design, grpcTransport(design.model, address, options));
    const stream = client.ServerReflectionInfo({
      headers,
      ...(timeout === undefined ? {} : { timeout }),
    }) as unknown as BidiStreaming<Question, Answer>;

    stream.opened.then((head) => options.onHead(head.headers), () => {});
    const ask = async (type: string, value: string): Promise<Told> => {
      await stream.send({ message_request: { type, value } });
      const answer = await stream.recv();
      if (answer === null) throw new ServiceError("unavailable", "the server ended its reflection");
      const { message_response: told } = answer;
      if (told.type !== "error_response") return told.value;
      const { error_code: code, error_message: message = "the server does not tell why" } = told.value;
      throw new ServiceError(code === NOT_FOUND ? "not_found" : "unknown", `reflection: ${message}`);
    };
    const files = async (type: string, value: string) => (await ask(type, value)).file_descriptor_proto ?? [];
    const close = async () => {
      await stream[Symbol.asyncDispose]();
      await client.close();
    };
    try {
      const { service = [] } = await ask("list_services", "*");
      const names = service.flatMap(({ name }) => name === undefined ? [] : [name]).sort();
      return {
        services: () => Promise.resolve(names),
        filesOfSymbol: (name) => files("file_containing_symbol", name),
        filesByName: (name) => files("file_by_filename", name),
        close,
      };
    } catch (error) {
      await close();
      last = error;
      if (!(error instanceof ServiceError && error.name === "unimplemented")) throw error;
    }
  }
  throw new ServiceError(
    "unimplemented",
    `${address} does not tell what it offers: it has no gRPC reflection; name a design instead`,
    { cause: last },
  );
}
