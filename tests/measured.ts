import { assertEquals } from "@std/assert";

/** What a script beside this file prints, a number, in a process that can ask for full collections. */
export async function measured(script: string, ...args: string[]): Promise<number> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "-q",
      "--no-check",
      "--unstable-no-legacy-abort",
      "--v8-flags=--expose-gc",
      new URL(script, import.meta.url).href,
      ...args,
    ],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return Number(new TextDecoder().decode(stdout));
}
