import { assertEquals, assertThrows } from "@std/assert";
import { Metadata } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { metadataOf, receivedMetadata } from "./metadata.ts";

Deno.test("metadataOf: text, bytes, several bytes under one key", () => {
  const metadata = metadataOf(new Headers({ "X-Ask": "why ~", "x-ask-bin": "AP8=, AQ" }));
  assertEquals(metadata.get("x-ask"), ["why ~"]);
  assertEquals(metadata.get("x-ask-bin"), [Buffer.from([0, 255]), Buffer.from([1])]);
});

Deno.test("metadataOf: what belongs to the protocol is left to it", () => {
  const reserved = ["grpc-timeout", "grpc-status", "te", "content-type", "host", "connection", "user-agent"];
  const metadata = metadataOf(new Headers(reserved.map((name) => [name, "1"])));
  assertEquals(metadata.toHttp2Headers(), {});
});

Deno.test("metadataOf: what gRPC cannot carry is refused", () => {
  assertThrows(() => metadataOf(new Headers({ a: "größe" })), TypeError, "Cannot send header a over gRPC");
  assertThrows(() => metadataOf(new Headers({ "a-bin": "größe" })), TypeError, "is not base64");
});

Deno.test("receivedMetadata: text, bytes as base64, several values, keys that headers cannot have", () => {
  const metadata = new Metadata();
  metadata.add("x-ask", "one");
  metadata.add("x-ask", "two");
  metadata.add("x-ask-bin", Buffer.from([0, 255]));
  metadata.add("x.dot", "kept");
  const { headers, bytes } = receivedMetadata(metadata);
  assertEquals([...headers()], [["x-ask", "one, two"], ["x-ask-bin", "AP8="], ["x.dot", "kept"]]);
  assertEquals(bytes, (5 + 3 + 32) * 2 + (9 + 4 + 32) + (5 + 4 + 32));
});

Deno.test("headers survive both ways", () => {
  const headers = new Headers({ a: "b", "c-bin": "AP8=" });
  assertEquals([...receivedMetadata(metadataOf(headers)).headers()], [...headers]);
});
