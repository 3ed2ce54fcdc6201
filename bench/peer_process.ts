/**
 * A process of the benchmark on Deno: `peer_process.ts MODULE` is a server, `peer_process.ts MODULE SERVER` its client.
 * Each loads what it measures, and nothing else.
 *
 * @module
 */
import { work } from "./worker.ts";

const [module, server] = Deno.args as [string, string?];
const { peer } = await import(new URL(`peers/${module}`, import.meta.url).href);
await work(peer, server);
