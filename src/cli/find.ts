/**
 * What a command line means, by a design.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import type { CommandLine } from "./arguments.ts";
import { connect, type Connecting, type Door, targetOf } from "./connect.ts";
import { helpOfService, helpOfServices, type HelpPlace } from "./help.ts";
import { designMessages, type Messages } from "./messages.ts";
import { loadDesign, pickMethod, pickService } from "./pick.ts";

/** A method that can be called, or what there is to be named. */
export type Found = FoundMethod | {
  readonly method?: undefined;
  /** Services, or methods of the one that was named. */
  readonly text: string;
};

/** A method that can be called. */
export interface FoundMethod {
  /** By design. */
  readonly method: MethodModel;
  /** Where its help was asked. */
  readonly place: HelpPlace;
  /** Its messages as JSON. */
  messages(streaming: boolean, view: string | undefined): Messages;
  /** Connects to its service. */
  open(how: Connecting): Promise<Door>;
}

/** Where to call, without what makes a URL of it. */
const ADDRESS = /^(?:[\w.-]+|\[[\da-f:]+\]):\d+(?:\/|$)|^localhost$/i;

/**
 * Finds what a command line means in the design that it names.
 *
 * @throws {UsageError} When there is no such thing
 */
export async function findDesigned(line: CommandLine): Promise<Found> {
  const services = await loadDesign(line.design!);
  const place = { before: `${line.design} ${line.url ?? "URL"}` };
  if (line.service === undefined) return { text: helpOfServices(services, place) };
  if (line.url === undefined && ADDRESS.test(line.service)) targetOf(line.service);
  const service = pickService(services, line.service);
  if (line.method === undefined) return { text: helpOfService(service, place) };
  const method = pickMethod(service, line.method);
  return {
    method,
    place,
    messages: (streaming, view) => designMessages(method, streaming, view),
    open: (how) => connect(service, how),
  };
}
