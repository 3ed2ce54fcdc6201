/**
 * What HTTP statuses mean, in words.
 *
 * @module
 */
import * as statuses from "../design/status.ts";

const TEXTS: ReadonlyMap<number, string> = new Map(
  Object.entries(statuses).map(([name, status]) => [
    status,
    // StatusIMUsed is "IM Used".
    name.slice("Status".length).replace(/([a-z])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, "$1$2 "),
  ]),
);

/** The words of a status: `Not Found`. */
export function statusText(status: number): string {
  return TEXTS.get(status) ?? `Status ${status}`;
}
