/** Every design there is: of the examples, of the tests, of the table. */
import { analytics } from "../../examples/analytics/design.ts";
import { cellar } from "../../examples/cellar/design.ts";
import { chat } from "../../examples/chat/design.ts";
import { guide } from "../../examples/guide/design.ts";
import { test } from "../../examples/interop/design.ts";
import { monitor } from "../../examples/monitor/design.ts";
import type { ServiceDesign } from "../../src/design/mod.ts";
import type { GenDesign } from "../../src/gen/files.ts";
import { table, withEvents } from "../behaviour/design.ts";
import { designs } from "../designs/designs.ts";
import { shop, streams } from "../http_design.ts";
import { careless, vault } from "../security_design.ts";
import { gallery } from "./gallery.ts";

function genDesign(...services: readonly ServiceDesign[]): GenDesign {
  const models = services.map(({ model }) => model);
  return { services: models.sort((a, b) => a.name < b.name ? -1 : 1) };
}

/** The examples, each by itself. */
export const examples: readonly ServiceDesign[] = [analytics, cellar, chat, guide, monitor, test];

/** Names and designs. */
export const allDesigns: readonly (readonly [string, GenDesign])[] = [
  ...examples.map((one): [string, GenDesign] => [`example ${one.name}`, genDesign(one)]),
  ["all examples", genDesign(...examples)],
  ["http_design", genDesign(shop, streams)],
  ["security_design", genDesign(vault)],
  ["security_design, careless", genDesign(careless)],
  ["behaviour", genDesign(table)],
  ["behaviour with events", genDesign(withEvents.get(table)!)],
  ["gallery", genDesign(...gallery)],
  ...designs.map(({ name, design }): [string, GenDesign] => [name, genDesign(design)]),
];
