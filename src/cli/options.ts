/**
 * The options of the command itself, as opposed to the flags that a method's attributes are.
 *
 * @module
 */

/** An option, as `parseArgs` and the help know it. */
export interface OptionSpec {
  /** Whether it has a value. */
  readonly type: "string" | "boolean";
  /** Its letter. */
  readonly short?: string;
  /** Whether it may be given several times. */
  readonly multiple?: true;
  /** What its value is, for people. */
  readonly value?: string;
  /** What it does, for people. */
  readonly help: string;
}

/** Every option by name, in the order of the help. */
export const OPTIONS = {
  data: {
    type: "string",
    short: "d",
    value: "JSON",
    help: "the payload as JSON, in a file with @FILE, from standard input with -; flags come on top",
  },
  stream: { type: "boolean", help: "the stream of a method that has a result and a stream" },
  body: { type: "string", value: "@FILE", help: "the body of a method that takes a raw one; default: -" },
  view: { type: "string", value: "NAME", help: "shows results in that view of their type" },
  timeout: {
    type: "string",
    value: "TIME",
    help: "how long the call may take: 500ms, 2s, 1m; or a number of ms",
  },
  header: {
    type: "string",
    short: "H",
    multiple: true,
    value: "NAME:VALUE",
    help: "an HTTP header, or gRPC metadata; may be repeated",
  },
  "message-bytes": {
    type: "string",
    value: "BYTES",
    help: "largest message that is taken; default: 1 MiB, over gRPC 4 MiB",
  },
  ca: { type: "string", value: "FILE", help: "CAs that the server's certificate is verified with, in PEM" },
  cert: {
    type: "string",
    value: "FILE",
    help: "a certificate of the caller's own (mTLS), in PEM; with --key",
  },
  key: { type: "string", value: "FILE", help: "the private key of --cert, in PEM" },
  insecure: { type: "boolean", help: "takes any certificate of a gRPC server: for tests alone" },
  reflect: {
    type: "string",
    value: "URL",
    help: "asks a gRPC server what it offers, in place of a design: --reflect URL [SERVICE [METHOD]]",
  },
  verbose: { type: "boolean", short: "v", help: "tells headers, view and trailers on standard error" },
  quiet: { type: "boolean", short: "q", help: "shows no progress" },
  "json-errors": { type: "boolean", help: "tells errors as one line of JSON" },
  help: {
    type: "boolean",
    short: "h",
    help: "says what there is: services, methods of one, attributes of one",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** The name of an option. */
export type OptionName = keyof typeof OPTIONS;

/** The same without their literal types. */
export const OPTION_SPECS: Readonly<Record<string, OptionSpec>> = OPTIONS;

/** What the options of a command line say. */
export type OptionValues = {
  -readonly [Name in OptionName]?: (typeof OPTIONS)[Name] extends { readonly multiple: true } ? string[]
    : (typeof OPTIONS)[Name]["type"] extends "string" ? string
    : boolean;
};
