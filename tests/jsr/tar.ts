/** Reads what `deno publish` packs: an archive as POSIX.1-1988 (ustar) has it. */

/** Size of a header, and what files are padded to. */
const BLOCK = 512;

/** Text up to the first NUL. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** The files of an archive by their paths, which start with `/`. */
export function filesOf(archive: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0;) {
    const header = archive.subarray(at, at + BLOCK);
    const size = parseInt(text(header.subarray(124, 136)), 8);
    const type = String.fromCharCode(header[156]!);
    if (type !== "0" && type !== "\0") throw new Error(`Cannot read an archive: an entry is of type ${type}`);
    const prefix = text(header.subarray(345, 500));
    const name = (prefix === "" ? "" : `${prefix}/`) + text(header.subarray(0, 100));
    files.set(`/${name.replace(/^\.?\//, "")}`, archive.slice(at + BLOCK, at + BLOCK + size));
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
