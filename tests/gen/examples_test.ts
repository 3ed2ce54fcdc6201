// What the examples' gen folders hold is what their designs say.
import { assertEquals } from "@std/assert";

Deno.test("deno task gen --check finds the examples' files up to date", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "gen", "--check"],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals(code, 0, text);
  assertEquals(text.match(/^\d+ up to date$/gm)?.length, 5, text);
});
