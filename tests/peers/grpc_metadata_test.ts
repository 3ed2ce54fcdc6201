// gRPC's C core sends attributes in metadata, and gets them in headers and trailers. install.sh installs it.
import { assertEquals } from "@std/assert";
import {
  ArrayOf,
  Attribute,
  Bytes,
  CodeNotFound,
  CodeOK,
  Error,
  GRPC,
  Header,
  Headers,
  Int,
  Metadata,
  Method,
  Payload,
  Required,
  Response,
  Result,
  Service,
  String,
  Trailers,
  Type,
} from "../../src/design/mod.ts";
import { implement } from "../../src/core/implement.ts";
import { grpcServer } from "../../src/grpc/mod.ts";
import { python, pythonPeer } from "./python.ts";

const Lost = Type("Lost", Attribute("where", String), Attribute("tries", Int), Required("where", "tries"));

const keeper = Service(
  "keeper",
  Method(
    "put",
    Payload(
      Attribute("tenant", String),
      Attribute("labels", ArrayOf(String)),
      Attribute("hash", Bytes),
      Attribute("parts", ArrayOf(Bytes)),
      Attribute("title", String),
      Required("tenant"),
    ),
    Result(
      Attribute("revision", Int),
      Attribute("names", ArrayOf(String)),
      Attribute("hash", Bytes),
      Attribute("title", String),
      Required("revision"),
    ),
    Error("lost", Lost),
    GRPC(
      Metadata("tenant:x-tenant", "labels", "hash:hash-bin", "parts:parts-bin", "title:title-bin"),
      Response(
        CodeOK,
        Headers(Header("revision"), Header("title:title-bin")),
        Trailers("names", "hash:hash-bin"),
      ),
      Response("lost", CodeNotFound, Headers(Header("where")), Trailers("tries")),
    ),
  ),
);

Deno.test("a Python client and attributes in metadata", pythonPeer(), async () => {
  const seen: unknown[] = [];
  const service = implement(keeper, {
    put({ payload, error }) {
      seen.push(payload);
      if (payload.tenant === "nobody") throw error("lost", { where: "Chur", tries: 3 });
      return { revision: -4, names: payload.labels ?? [], hash: payload.hash, title: payload.title };
    },
  });
  await using server = grpcServer([service]);
  const { port } = await server.listen("127.0.0.1:0");
  const { success, stdout, stderr } = await python("metadata.py", "null", `${port}`).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(success, true);
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
    put: {
      reply: "",
      initial: { revision: ["-4"], "title-bin": ["477275c39f"] },
      trailing: { names: ["a", "b"], "hash-bin": ["00ff"] },
    },
    lost: { code: 5, initial: { where: ["Chur"] }, trailing: { tries: ["3"] } },
    missing: { code: 3, initial: {}, trailing: {} },
  });
  assertEquals(seen, [
    {
      tenant: "acme",
      labels: ["a", "b"],
      hash: new Uint8Array([0, 255]),
      parts: [new Uint8Array([1]), new Uint8Array([2, 3])],
      title: "Gruß",
    },
    { tenant: "nobody" },
  ]);
});
