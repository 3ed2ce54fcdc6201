/** @module */

/** Options of {@linkcode TextLineStream}. */
export interface TextLineStreamOptions {
  /** Whether a lone `\r` ends a line too. Default `false`. */
  allowCR?: boolean;
}

/**
 * Splits text into lines, at `\n` and `\r\n`.
 *
 * @example
 * ```ts
 * import { TextLineStream } from "@std/streams";
 *
 * const lines = ReadableStream.from(["a\nb", "\r\nc"]).pipeThrough(new TextLineStream());
 * console.log(await Array.fromAsync(lines)); // ["a", "b", "c"]
 * ```
 */
export class TextLineStream extends TransformStream<string, string> {
  /** @param options See {@linkcode TextLineStreamOptions} */
  constructor(options: TextLineStreamOptions = {}) {
    const end = options.allowCR ? /\r\n|\n|\r(?!$)/g : /\r?\n/g;
    let rest = "";
    super({
      transform(chunk, controller) {
        const lines = (rest + chunk).split(end);
        rest = lines.pop()!;
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        if (rest === "") return;
        controller.enqueue(options.allowCR && rest.endsWith("\r") ? rest.slice(0, -1) : rest);
      },
    });
  }
}
