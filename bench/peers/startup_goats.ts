/**
 * A service with the designs of the examples, without gRPC, for the scenario `startup`: prints where it is.
 *
 * @module
 */
import { httpHandler } from "@x/goats";
import { analyticsService } from "../../examples/analytics/service.ts";
import { cellarService } from "../../examples/cellar/service.ts";
import { chatService } from "../../examples/chat/service.ts";
import { guideService } from "../../examples/guide/service.ts";
import { monitorService } from "../../examples/monitor/service.ts";

const services = [monitorService, analyticsService, chatService, cellarService, guideService];
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, httpHandler(services));
console.log(`http://127.0.0.1:${server.addr.port}`);
