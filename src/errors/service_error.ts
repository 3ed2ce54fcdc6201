/**
 * The one error class of goats. Contract §7; the fields are those of Goa's `goa.ServiceError`.
 *
 * @module
 */

/** What is told of a {@linkcode ServiceError} besides name and message. */
export interface ServiceErrorOptions {
  /** Identifies this occurrence, in logs and on the wire. Default: eight random characters. */
  readonly id?: string;
  /** May succeed when tried again. Default `false`. */
  readonly temporary?: boolean;
  /** A deadline ran out. Default `false`. */
  readonly timeout?: boolean;
  /** The server is at fault, not the caller. Default `false`. */
  readonly fault?: boolean;
  /** Value of the declared error's custom type. */
  readonly data?: unknown;
  /** What led to it. Never leaves the process. */
  readonly cause?: unknown;
}

/** The fields that every transport carries. */
export interface ErrorBody {
  /** Name of the error as declared in the design, or a built-in name. */
  readonly name: string;
  /** Identifies this occurrence. */
  readonly id: string;
  /** What happened, for a person to read. */
  readonly message: string;
  /** May succeed when tried again. */
  readonly temporary: boolean;
  /** A deadline ran out. */
  readonly timeout: boolean;
  /** The server is at fault, not the caller. */
  readonly fault: boolean;
}

/**
 * An error of a service: thrown by handlers, rebuilt the same at the caller whatever the transport.
 *
 * @example Throw and tell apart
 * ```ts
 * import { ServiceError } from "@x/goats";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new ServiceError("not_found", "no such bottle", { temporary: false });
 * assertEquals(error.name, "not_found");
 * assertEquals(error.fault, false);
 * ```
 */
export class ServiceError extends Error {
  /** Name of the error as declared in the design, or a built-in name such as `"timeout"`. */
  override readonly name: string;
  /** Identifies this occurrence. */
  readonly id: string;
  /** May succeed when tried again. */
  readonly temporary: boolean;
  /** A deadline ran out. */
  readonly timeout: boolean;
  /** The server is at fault, not the caller. */
  readonly fault: boolean;
  /** Value of the declared error's custom type, else `undefined`. */
  readonly data: unknown;

  /**
   * Makes an error; handlers rather call `error(name, …)`, which knows what the design declares.
   *
   * @param name Name of the error
   * @param message What happened, for a person to read
   * @param options The rest
   */
  constructor(name: string, message: string, options: ServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this.id = options.id ?? errorId();
    this.temporary = options.temporary ?? false;
    this.timeout = options.timeout ?? false;
    this.fault = options.fault ?? false;
    this.data = options.data;
  }
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Eight random characters, as Goa's `NewErrorID`: 48 random bits in unpadded base64url. */
export function errorId(): string {
  let id = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(8))) id += ALPHABET[byte & 63];
  return id;
}
