/** @module */
import { type ClientOf, errorOf } from "@x/goats";
import { call } from "../call.ts";
import { cellar } from "./design.ts";

/** Lists the bottles in both views, looks one up, and looks for one that is not there. */
export async function* run(client: ClientOf<typeof cellar>): AsyncGenerator<string> {
  const all = await Array.fromAsync(client.list());
  yield `list: ${all.length} bottles, from ${all.at(0)?.vintage} to ${all.at(-1)?.vintage}`;

  const tiny = await Array.fromAsync(client.list({ view: "tiny" }));
  yield `list tiny: ${Object.keys(tiny[0] ?? {})} of ${tiny.length} bottles, the last is ${
    tiny.at(-1)?.name
  }`;

  const { name, winery, vintage } = await client.show({ id: all.at(-1)!.id });
  yield `show: ${name} of ${winery}, ${vintage}`;

  try {
    await client.show({ id: all.length + 1 });
    throw new Error("Cannot go on: a bottle is there that should not be");
  } catch (thrown) {
    const error = errorOf(cellar, "show", thrown); // typed: the names that the design declares for this method
    if (error?.name !== "not_found") throw thrown;
    yield `${error.name}: ${error.message}`;
  }
}

if (import.meta.main) await call(cellar, run);
