/** Calls the vault where there is neither Deno nor process, as in a browser. Told the URL, it answers what it saw. */
import { httpClient } from "../src/http/client_mod.ts";
import { careless } from "./security_design.ts";

// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

scope.onmessage = async ({ data: url }: { data: string }) => {
  delete scope.Deno;
  delete scope.process;
  const client = httpClient(careless, url);
  const failure = async (promise: Promise<unknown>) => {
    try {
      await promise;
      return "no error";
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  };
  scope.postMessage({
    watch: await Array.fromAsync(client.watch({ token: "ann:read" })),
    login: await Array.fromAsync(client.loginStream({ user: "Zoë", password: "pass word" })),
    keyed: await Array.fromAsync(client.keyed({ key: "k123" })),
    wrong: await failure(client.watch({ token: "wrong" }).recv()),
    missing: await failure(client.watch({} as { token: string }).recv()),
    header: await failure(client.watch({ token: "ann:read" }, { headers: { "x-other": "1" } }).recv()),
  });
};
