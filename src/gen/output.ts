/**
 * Compares what was generated with what is there, and writes what differs.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { GeneratedFile } from "./files.ts";
import { MARK } from "./told.ts";

/** A generated file beside what is in its place. */
export interface OutputFile {
  /** Where it is, or shall be. */
  readonly path: string;
  /** What shall be in it. */
  readonly text: string;
  /** What is in it; absent when it is not there. */
  readonly present?: string;
}

/** Reads what is in the places of generated files. */
export async function readOutput(folder: string, files: readonly GeneratedFile[]): Promise<OutputFile[]> {
  return await Promise.all(files.map(async ({ path, text }) => {
    const place = join(folder, path);
    const present = await readText(place);
    return { path: place, text, ...(present === undefined ? {} : { present }) };
  }));
}

async function readText(path: string): Promise<string | undefined> {
  try {
    // As bytes: a byte order mark is a difference as well.
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await Deno.readFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether somebody else wrote the file that is there: ours say so, where they can. */
export function isForeign({ text, present }: OutputFile): boolean {
  return present !== undefined && present !== text && text.slice(0, HEAD).includes(MARK) &&
    !present.slice(0, HEAD).includes(MARK);
}

/** Characters in which the mark is. */
const HEAD = 400;

/** Writes a file, whole or not at all. */
export async function writeOutput({ path, text }: OutputFile): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.writeTextFile(draft, text);
    await Deno.rename(draft, path);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    throw error;
  }
}
