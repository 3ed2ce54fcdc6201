/** Somebody who has Deno and an empty folder, and whose registry is the one on this machine. */

/** A folder of a newcomer. */
export interface Newcomer extends AsyncDisposable {
  readonly folder: string;
  /** Runs `deno` there; gives what it printed. Throws when it fails. */
  deno(...args: string[]): Promise<string>;
  /** Starts `deno` there, until it has printed a line that fits; gives what that line holds. */
  start(until: RegExp, ...args: string[]): Promise<Started>;
  write(file: string, text: string): Promise<void>;
  read(file: string): Promise<string>;
}

/** A program that runs. */
export interface Started extends AsyncDisposable {
  /** The groups of the expression. */
  readonly found: readonly string[];
}

async function started(child: Deno.ChildProcess, until: RegExp): Promise<Started> {
  const text = child.stdout.pipeThrough(new TextDecoderStream());
  let told = "";
  for await (const part of text.values({ preventCancel: true })) {
    told += part;
    if (until.test(told)) break;
  }
  const end = async () => {
    child.kill("SIGTERM");
    await text.cancel();
    await child.status;
  };
  const match = until.exec(told);
  if (match !== null) return { found: match.slice(1), [Symbol.asyncDispose]: end };
  await end();
  throw new Error(`it did not start: ${told}`);
}

/** Makes an empty folder, and an empty cache of Deno's beside it. */
export async function newcomer(registry: string): Promise<Newcomer> {
  const root = await Deno.makeTempDir({ prefix: "goats_newcomer_" });
  const folder = `${root}/project`;
  await Deno.mkdir(folder);
  const env = { DENO_DIR: `${root}/cache`, JSR_URL: registry, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  return {
    folder,
    async deno(...args) {
      const command = new Deno.Command(Deno.execPath(), { args, cwd: folder, env });
      const { success, stdout, stderr } = await command.output();
      const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      if (!success) throw new Error(`deno ${args.join(" ")}\n${out}${err}`);
      return out!;
    },
    start: (until, ...args) =>
      started(new Deno.Command(Deno.execPath(), { args, cwd: folder, env, stdout: "piped" }).spawn(), until),
    write: (file, text) => Deno.writeTextFile(`${folder}/${file}`, text),
    read: (file) => Deno.readTextFile(`${folder}/${file}`),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}
