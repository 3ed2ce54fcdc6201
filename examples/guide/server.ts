/**
 * The same app, served by hand.
 *
 * ```sh
 * deno run --allow-net examples/guide/server.ts 8080
 * ```
 *
 * @module
 */
import app from "./app.ts";

Deno.serve({ port: Number(Deno.args[0] ?? 8080), hostname: "127.0.0.1" }, app.fetch);
