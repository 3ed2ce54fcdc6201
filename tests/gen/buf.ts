/** Buf, which compiles and lints .proto files: npm has it. */

const PACKAGE = "@bufbuild/buf@^1.60.0";

/** What a run gave. */
export interface BufOutput {
  readonly code: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  /** Both outputs as text. */
  readonly text: string;
}

/** Runs it in a folder. */
export async function buf(folder: string, ...args: string[]): Promise<BufOutput> {
  const command = new Deno.Command("npm", {
    args: ["exec", "--yes", `--package=${PACKAGE}`, "--", "buf", ...args],
    cwd: folder,
    stdin: "null",
    env: { NO_COLOR: "1", npm_config_update_notifier: "false", npm_config_loglevel: "error" },
  });
  const { code, stdout, stderr } = await command.output();
  const utf8 = new TextDecoder();
  return { code, stdout, text: utf8.decode(stdout) + utf8.decode(stderr) };
}

/**
 * `buf.yaml` as docs/gen.md gives it: buf's standard rules but those that Goa's naming breaks.
 */
export const BUF_YAML: string = /```yaml\n(version: v2\n.*?)```/s.exec(
  await Deno.readTextFile(new URL("../../docs/gen.md", import.meta.url)),
)![1]!;
