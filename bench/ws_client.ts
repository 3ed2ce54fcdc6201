/**
 * Client process of the WebSocket benchmark: `ws_client.ts raw|plain|goats.v1 URL`. Takes jobs as JSON lines on stdin
 * and answers each with the ms that it took.
 *
 * @module
 */
import { TextLineStream } from "@std/streams";
import type { HttpClientOptions } from "@x/goats";
import { goatsJobs } from "./ws_goats.ts";
import { rawJob } from "./ws_raw.ts";
import type { Job } from "./ws_design.ts";

const [wire, url] = Deno.args as [string, string];
const run: (job: Job) => Promise<number> = wire === "raw"
  ? (job) => rawJob(url, job)
  : goatsJobs(url, { wire: wire as HttpClientOptions["wire"] });
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
for await (const line of lines) console.log(await run(JSON.parse(line)));
Deno.exit(0);
