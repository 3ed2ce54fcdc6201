/** @module */
import { implement } from "@x/goats";
import { TextLineStream } from "@std/streams";
import { cellar } from "./design.ts";

/** A line of `bottles.csv`. */
interface Bottle {
  readonly id: number;
  readonly name: string;
  readonly winery: string;
  readonly vintage: number;
  readonly region: string;
  readonly varietal: string;
}

/** Reads the shelf, bottle by bottle: the file may be as long as it likes, and change between calls. */
async function* bottles(): AsyncGenerator<Bottle> {
  const file = await Deno.open(new URL("bottles.csv", import.meta.url));
  const lines = file.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  let header = true;
  for await (const line of lines) {
    if (!header && line !== "") {
      const [id = "", name = "", winery = "", vintage = "", region = "", varietal = ""] = line.split(",");
      yield { id: Number(id), name, winery, vintage: Number(vintage), region, varietal };
    }
    header = false;
  }
}

/** Serves the bottles of the file next to this one. Needs `--allow-read` for it. */
export const cellarService = implement(cellar, {
  async *list({ payload, stream }) {
    await stream.setView(payload.view);
    yield* bottles();
  },
  async show({ payload, error }) {
    for await (const bottle of bottles()) {
      if (bottle.id === payload.id) return bottle;
    }
    throw error("not_found", `there is no bottle ${payload.id}`);
  },
});
