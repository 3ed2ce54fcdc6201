/**
 * All examples: their services, and how to call each of them over any transport.
 *
 * @module
 */
import type { Client, MethodsTypes, ServiceDesign, ServiceImplementation } from "@x/goats";
import { run as runAnalytics } from "./analytics/client.ts";
import { analytics } from "./analytics/design.ts";
import { analyticsService } from "./analytics/service.ts";
import { run as runCellar } from "./cellar/client.ts";
import { cellar } from "./cellar/design.ts";
import { cellarService } from "./cellar/service.ts";
import { run as runChat } from "./chat/client.ts";
import { chat } from "./chat/design.ts";
import { chatService } from "./chat/service.ts";
import { run as runGuide } from "./guide/client.ts";
import { guide } from "./guide/design.ts";
import { guideService } from "./guide/service.ts";
import { run as runMonitor } from "./monitor/client.ts";
import { monitor } from "./monitor/design.ts";
import { monitorService } from "./monitor/service.ts";

/** Makes a client over one transport. */
export type Connect = <Methods extends MethodsTypes>(
  design: ServiceDesign<Methods>,
  service: ServiceImplementation<Methods>,
) => Client<Methods>;

/** One example. */
export interface Example {
  readonly name: string;
  readonly service: ServiceImplementation;
  /** Runs the example's client; gives the lines it has to tell. */
  call(connect: Connect): AsyncIterable<string>;
}

function example<Methods extends MethodsTypes>(
  design: ServiceDesign<Methods>,
  service: ServiceImplementation<Methods>,
  run: (client: Client<Methods>) => AsyncIterable<string>,
): Example {
  return {
    name: design.name,
    service,
    async *call(connect) {
      await using client = connect(design, service);
      yield* run(client);
    },
  };
}

/** Every example, in the order of the transcript. */
export const examples: readonly Example[] = [
  example(monitor, monitorService, runMonitor),
  example(analytics, analyticsService, runAnalytics),
  example(chat, chatService, runChat),
  example(cellar, cellarService, runCellar),
  example(guide, guideService, runGuide),
];

/** The services of all examples. */
export const services: readonly ServiceImplementation[] = examples.map(({ service }) => service);
