import { assertEquals } from "@std/assert";
import { joinCalls } from "./joined_calls.ts";

/** Notes when it is held back and when it lets go. */
function session() {
  const seen: string[] = [];
  const socket = { cork: () => void seen.push("cork"), uncork: () => void seen.push("uncork") };
  return {
    seen,
    destroyed: false,
    get socket() {
      if (this.destroyed) throw new Error("the session has no socket any more");
      return socket;
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

Deno.test("joinCalls: a call that is alone is not held back", async () => {
  const one = session();
  joinCalls(one);
  await turn();
  joinCalls(one);
  await turn();
  assertEquals(one.seen, []);
});

Deno.test("joinCalls: what begins with others leaves with them, after the turns that its frames take", async () => {
  const one = session();
  joinCalls(one);
  joinCalls(one);
  joinCalls(one);
  assertEquals(one.seen, ["cork"]);
  await turn();
  await turn();
  joinCalls(one);
  assertEquals(one.seen, ["cork"], "not yet");
  await turn();
  assertEquals(one.seen, ["cork", "uncork"]);
  joinCalls(one);
  await turn();
  assertEquals(one.seen, ["cork", "uncork"], "alone again");
});

Deno.test("joinCalls: every eighth lets go of what was held back", async () => {
  const one = session();
  for (let n = 0; n < 20; n++) joinCalls(one);
  assertEquals(one.seen, ["cork", "uncork", "cork", "uncork", "cork"]);
  for (let n = 0; n < 3; n++) await turn();
  assertEquals(one.seen.at(-1), "uncork");
  assertEquals(one.seen.filter((what) => what === "cork").length, 3);
});

Deno.test("joinCalls: a session that is destroyed meanwhile is asked for nothing any more", async () => {
  const one = session();
  joinCalls(one);
  joinCalls(one);
  one.destroyed = true;
  joinCalls(one);
  for (let n = 0; n < 3; n++) await turn();
  assertEquals(one.seen, ["cork", "uncork"]);
});
