// An answer that is complete is its reader's, whatever becomes of what was still to be sent.
import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { ClientStream, type StreamSession } from "./client_stream.ts";
import { ErrorCode } from "./protocol.ts";

/** A stream whose session sends nothing, and what it hears. */
function blocked(): { stream: ClientStream; heard: string[] } {
  const heard: string[] = [];
  const session: StreamSession = {
    pump: () => void heard.push("pump"),
    consumed() {},
    reset(stream, code) {
      heard.push(`reset ${code}`);
      stream.over(code);
    },
  };
  const stream = new ClientStream(session, undefined);
  stream.on("data", (chunk) => heard.push(`data ${chunk}`));
  stream.on("end", () => heard.push("end"));
  stream.on("trailers", () => heard.push("trailers"));
  stream.on("close", () => heard.push(`close ${stream.rstCode}`));
  return { stream, heard };
}

const written = (stream: ClientStream): Promise<Error | undefined> =>
  new Promise((resolve) => stream.write(new Uint8Array(5), resolve));

Deno.test("ClientStream: writes behind a complete answer that waits to be read are no errors", async () => {
  const { stream, heard } = blocked();
  const before = written(stream);
  stream.respond({ ":status": 200 }, 0);
  stream.pause();
  stream.receive(Buffer.from("a"));
  stream.finish({ "grpc-status": "0" });
  // The server wants no more: RFC 9113 section 8.1.
  stream.over(ErrorCode.noError);
  assertEquals(await before, undefined);
  assertEquals(await written(stream), undefined);
  heard.push("resume");
  stream.resume();
  assertEquals(heard, ["pump", "resume", "data a", "end", "trailers", "close 0"]);
});

Deno.test("ClientStream: writes to a stream that is reset before its answer is complete are", async () => {
  const { stream } = blocked();
  const before = written(stream);
  stream.over(ErrorCode.cancel);
  assertEquals((await before)?.message, "the stream is over");
  assertEquals((await written(stream))?.message, "the stream is over");
});

for (const first of ["the answer", "half-close"]) {
  Deno.test(`ClientStream: what cannot be sent does not keep a stream whose answer was taken: ${first} first`, async () => {
    const { stream, heard } = blocked();
    const before = written(stream);
    if (first === "half-close") stream.end();
    stream.respond({ ":status": 200 }, 0);
    stream.finish({ "grpc-status": "0" });
    if (first === "the answer") stream.end();
    assertEquals(await before, undefined);
    const events = heard.filter((event) => event !== "pump");
    assertEquals(events, ["end", "trailers", `reset ${ErrorCode.cancel}`, "close 0"]);
  });
}
