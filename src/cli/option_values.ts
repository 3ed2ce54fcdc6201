/**
 * What the values of options stand for.
 *
 * @module
 */
import { UsageError } from "./usage_error.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads `500ms`, `2s`, `1.5m`, or a number of ms. */
export function timeOf(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(amount) * UNITS[unit]!;
  if (!(ms > 0)) {
    throw new UsageError(`--timeout must be a time, such as 500ms, 2s or 1m, not ${JSON.stringify(text)}`);
  }
  return ms;
}

/** Reads a number of bytes, as the limit of messages. */
export function limitsOf(text: string | undefined): { readonly messageBytes?: number } {
  if (text === undefined) return {};
  const messageBytes = /^\d+$/.test(text) ? Number(text) : 0;
  // grpc-js keeps it as an int32.
  if (messageBytes < 1 || messageBytes > 0x7fffffff) {
    throw new UsageError(`--message-bytes must be a number of bytes, not ${JSON.stringify(text)}`);
  }
  return { messageBytes };
}

/** Reads headers, `name:value` each. */
export function headersOf(texts: readonly string[] = []): Headers {
  const headers = new Headers();
  for (const text of texts) {
    const colon = text.indexOf(":", 1);
    try {
      if (colon === -1) throw new TypeError("there is no colon in it");
      headers.append(text.slice(0, colon).trim(), text.slice(colon + 1).trim());
    } catch (error) {
      throw new UsageError(
        `--header must be NAME:VALUE, not ${JSON.stringify(text)}: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
  return headers;
}
