/**
 * A whole app in one module, as `deno serve` and Deno Deploy want it. Needs no permission but the one to listen.
 *
 * ```sh
 * deno serve examples/guide/app.ts
 * ```
 *
 * @module
 */
import { httpHandler } from "@x/goats";
import { guideService } from "./service.ts";

export default { fetch: httpHandler([guideService]) } satisfies Deno.ServeDefaultExport;
