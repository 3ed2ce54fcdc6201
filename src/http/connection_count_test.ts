import { assertEquals, assertThrows } from "@std/assert";
import { ServiceError } from "../errors/service_error.ts";
import { addressOf, connectionCount } from "./connection_count.ts";

const call = (peer: string) =>
  ({ transport: "ws", service: "svc", method: "m", headers: new Headers(), peer }) as const;

function refusal(check: () => void): string {
  const error = assertThrows(check, ServiceError);
  assertEquals(error.name, "overloaded");
  return error.message;
}

Deno.test("an address is a peer without port and brackets", () => {
  assertEquals(addressOf("10.0.0.1:80"), "10.0.0.1");
  assertEquals(addressOf("10.0.0.1"), "10.0.0.1");
  assertEquals(addressOf("[::1]:80"), "::1");
  assertEquals(addressOf("::1"), "::1");
  assertEquals(addressOf("2001:db8::1"), "2001:db8::1");
  assertEquals(addressOf(""), "");
});

Deno.test("one address has its bound, all of them another; what has left counts no more, once", () => {
  const count = connectionCount({ connections: 4, connectionsPerPeer: 2 });
  const leave = count.enter("10.0.0.1:1");
  count.check(call("10.0.0.1:2"));
  count.enter("10.0.0.1:2");
  assertEquals(
    refusal(() => count.check(call("10.0.0.1:3"))),
    "svc.m: 2 streams of this address are open already",
  );
  count.check(call("10.0.0.2:1"));
  leave();
  leave();
  count.check(call("10.0.0.1:3"));
  count.enter("10.0.0.1:3");
  refusal(() => count.check(call("10.0.0.1:4")));
  count.enter("[::1]:1");
  const last = count.enter("[::2]:1");
  assertEquals(refusal(() => count.check(call("[::3]:1"))), "svc.m: 4 streams are open already");
  last();
  count.check(call("[::3]:1"));
});

Deno.test("peers of no known address are bounded all together alone", () => {
  const count = connectionCount({ connections: 3, connectionsPerPeer: 1 });
  for (let i = 0; i < 3; i++) {
    count.check(call(""));
    count.enter("");
  }
  refusal(() => count.check(call("")));
});
