/** What all of ../grpc_status_order_test.ts call. */
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";

/** Sends fifty messages and a status other than OK. */
export function fiftyThenError(
  call: ServerDuplexStream<Buffer, Buffer>,
  message: Buffer = Buffer.from("hi"),
): void {
  call.resume();
  for (let i = 0; i < 50; i++) call.write(message);
  call.emit("error", { code: 5, details: "fifty and no more" });
}
