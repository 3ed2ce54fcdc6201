/**
 * What a command line means, by what a gRPC server tells of itself.
 *
 * @module
 */
import type { ServiceModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { methodsTransport } from "../grpc/client.ts";
import { type CommandLine, peekOptions } from "./arguments.ts";
import { grpcSecurity, targetOf } from "./connect.ts";
import { diagnose } from "./diagnose.ts";
import type { Found } from "./find.ts";
import { helpOfService, helpOfServices } from "./help.ts";
import { headersOf, timeOf } from "./option_values.ts";
import { pickMethod } from "./pick.ts";
import { type ReflectedService, reflectedService } from "./reflect_service.ts";
import { type ReflectSession, reflectSession } from "./reflect_session.ts";
import { readCertificates } from "./tls.ts";
import { suggestion, UsageError } from "./usage_error.ts";

/**
 * Asks the server what there is.
 *
 * @throws {UsageError} When there is no such thing
 */
export async function findReflected(line: CommandLine): Promise<Found> {
  const { options } = line;
  const url = options.reflect!;
  const target = targetOf(url);
  if (target.kind !== "grpc") {
    throw new UsageError(`--reflect asks gRPC servers: grpc:// or grpcs://, not ${url}`);
  }
  const likely = peekOptions(line);
  const { cert, key } = likely;
  const files = cert === undefined || key === undefined
    ? { ...likely, cert: undefined, key: undefined }
    : likely;
  const security = await grpcSecurity(target, await readCertificates(files));
  let head: Headers | undefined;
  try {
    const session = await reflectSession(target.address, {
      ...security,
      headers: likelyHeaders(likely.header),
      onHead: (headers) => head = headers,
      ...(options.timeout === undefined ? {} : { timeout: timeOf(options.timeout) }),
    });
    try {
      return await find(session, line);
    } finally {
      await session.close();
    }
  } catch (error) {
    throw diagnose(error, target, head);
  }
}

async function find(session: ReflectSession, line: CommandLine): Promise<Found> {
  const names = await session.services();
  const place = { before: `--reflect ${line.options.reflect}` };
  if (line.service === undefined) {
    const services: ServiceModel[] = [];
    for (const name of names) services.push(await listed(session, name));
    return { text: helpOfServices(services, place) };
  }
  const service = await reflectedService(session, nameOf(line.service, names));
  if (line.method === undefined) return { text: helpOfService(service.model, place) };
  return foundMethod(service, line.method, place.before);
}

/** A service to be listed, if by its name alone: servers may know of some no more. */
async function listed(session: ReflectSession, name: string): Promise<ServiceModel> {
  try {
    return (await reflectedService(session, name)).model;
  } catch (error) {
    if (!(error instanceof ServiceError) || error.name !== "not_found") throw error;
    return { name, description: "the server does not describe it", methods: {}, errors: {}, meta: {} };
  }
}

function foundMethod({ model, methods, messages }: ReflectedService, name: string, before: string): Found {
  const method = pickMethod(model, spelled(name, Object.keys(model.methods)));
  return {
    method,
    place: { before },
    messages(_streaming, view) {
      if (view !== undefined) throw new UsageError("--view is of no use: reflection tells of no views");
      return messages(method.name);
    },
    async open({ target, certificates, limits }) {
      const security = await grpcSecurity(target, certificates);
      const transport = methodsTransport(model.name, methods, target.address, { ...security, limits });
      return { transport, close: async () => await transport.close() };
    },
  };
}

/** Those of the headers that are some. */
function likelyHeaders(texts: readonly string[] = []): Headers {
  return headersOf(texts.filter((text) => {
    try {
      return headersOf([text]) !== undefined;
    } catch {
      return false;
    }
  }));
}

/** A name as it is written, whatever its case; itself where that is none or not clear. */
function spelled(name: string, known: readonly string[]): string {
  if (known.includes(name)) return name;
  const same = known.filter((one) => one.toLowerCase() === name.toLowerCase());
  return same.length === 1 ? same[0]! : name;
}

/** The full name of a service; the last part of it does, where no other has the same. */
function nameOf(name: string, names: readonly string[]): string {
  if (names.includes(name)) return name;
  const lower = name.toLowerCase();
  const ending = names.filter((full) => full.toLowerCase().endsWith(`.${lower}`));
  if (ending.length === 1) return ending[0]!;
  throw new UsageError(
    ending.length > 1
      ? `Which ${JSON.stringify(name)}? There are ${ending.join(", ")}`
      : `There is no service ${JSON.stringify(name)}${
        suggestion(name, name.includes(".") ? names : names.map((full) => full.replace(/^.*\./, "")))
      }`,
  );
}
