/**
 * A command-line client for any method of any design, over HTTP, WebSocket and gRPC.
 *
 * ```sh
 * deno run -A jsr:@x/goats/cli design.ts http://127.0.0.1:8080 monitor watch --interval 1
 * deno run -A jsr:@x/goats/cli design.ts grpc://127.0.0.1:50051 analytics process < events.ndjson
 * deno run -A jsr:@x/goats/cli design.ts monitor watch --help
 * ```
 *
 * Payloads are given by flags or as JSON, items of streams as one JSON value per line of standard input, and come out as
 * one per line of standard output. `--help` tells the rest at each level, and `docs/cli.md` all of it.
 *
 * Deno ≥ 2.9; needs `--allow-net`, `--allow-read`, and what the design module needs; gRPC also `--allow-env` (or
 * `--ignore-env`).
 *
 * @module
 */
import { cli } from "./command.ts";

export { cli } from "./command.ts";
export type { CliIo } from "./io.ts";

if (import.meta.main) Deno.exit(await cli(Deno.args));
