/** @module */
import { rawPeer } from "./ws_raw.ts";
import { schemas } from "./zod_schemas.ts";

/** By hand, with zod for whatever is received, at both ends. */
export const peer = rawPeer((kind, message) => schemas[kind].parse(message));
