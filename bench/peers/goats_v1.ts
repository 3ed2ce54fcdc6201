/** @module */
import { goatsWs } from "./goats_ws.ts";

/** goats on its subprotocol. */
export const peer = goatsWs("goats.v1");
