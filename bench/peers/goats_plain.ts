/** @module */
import { goatsWs } from "./goats_ws.ts";

/** goats on Goa's own wire: a JSON value per frame. */
export const peer = goatsWs("plain");
