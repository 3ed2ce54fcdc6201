/**
 * Connect's names of gRPC's status codes, and their HTTP statuses (connectrpc.com/docs/protocol#error-codes).
 *
 * @module
 */

/** By status code. */
const NAMES: readonly (readonly [name: string, status: number])[] = [
  ["unknown", 200],
  ["canceled", 499],
  ["unknown", 500],
  ["invalid_argument", 400],
  ["deadline_exceeded", 504],
  ["not_found", 404],
  ["already_exists", 409],
  ["permission_denied", 403],
  ["resource_exhausted", 429],
  ["failed_precondition", 400],
  ["aborted", 409],
  ["out_of_range", 400],
  ["unimplemented", 501],
  ["internal", 500],
  ["unavailable", 503],
  ["data_loss", 500],
  ["unauthenticated", 401],
];

const CODES: ReadonlyMap<string, number> = new Map(NAMES.map(([name], code) => [name, code]));
const UNKNOWN = 2;

/** Name of a code. */
export function codeName(code: number): string {
  return (NAMES[code] ?? NAMES[UNKNOWN]!)[0];
}

/** HTTP status of a code. */
export function httpStatusOfCode(code: number): number {
  return (NAMES[code] ?? NAMES[UNKNOWN]!)[1];
}

/** Code of a name; `undefined` when it is none. */
export function codeOfName(name: unknown): number | undefined {
  return typeof name === "string" ? CODES.get(name) : undefined;
}

/** Code of an HTTP response that is no error of Connect's: some proxy's, say. */
export function codeOfHttpStatus(status: number): number {
  switch (status) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return UNKNOWN;
  }
}
