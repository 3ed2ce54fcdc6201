/** The service in a process of its own, which may be killed: server.ts PORT ORIGIN. Prints its port. */
import { httpHandler } from "../../mod.ts";
import { auth, marketService } from "./service.ts";

const [port = "0", origin = ""] = Deno.args;
Deno.serve(
  { port: Number(port), hostname: "127.0.0.1", onListen: (at) => console.log(at.port) },
  httpHandler([marketService()], { auth, origins: [origin] }),
);
