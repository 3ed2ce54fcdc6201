/** The small parsers of what requests carry as text. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ServiceError } from "../errors/service_error.ts";
import { cookieValues } from "./cookies.ts";
import { fromHeaderValue, toHeaderValue } from "./header_text.ts";
import { isJsonType } from "./media_type.ts";
import { readText } from "./read_text.ts";
import { readDeadline, timeoutText } from "./timeout_parameter.ts";
import { parseQuery, urlParts } from "./url_parts.ts";

Deno.test("urlParts splits what URL splits", () => {
  for (
    const url of [
      "http://h",
      "http://h/",
      "http://h?a=/b",
      "http://h/a/b?c=d?e#f?g",
      "https://u:p@[::1]:8080/a//b/?",
      "http://h/a#b?c",
      "http://h/%zz/ü?x=%zz",
    ]
  ) {
    const { pathname, search } = new URL(url);
    const parts = urlParts(url);
    assertEquals([encodeURI(decodeLoose(parts.path)), parts.query], [
      encodeURI(decodeLoose(pathname)),
      search.replace(/^\?/, ""),
    ], url);
  }
});

/** `URL` encodes what `Request.url` of a server leaves as it came. */
function decodeLoose(text: string): string {
  return text.replaceAll("%C3%BC", "ü");
}

Deno.test("parseQuery reads what URLSearchParams reads, but refuses what is malformed", () => {
  for (
    const query of [
      "",
      "a",
      "a=",
      "=b",
      "a=1&b=2&a=3",
      "&&a=1&",
      "a+b=c+d",
      "%C3%BC=%26%3D",
      "a=b=c",
      "__proto__=x",
    ]
  ) {
    const values = parseQuery(query, "s.m");
    const flat = [...values].flatMap(([name, list]) => list.map((value) => [name, value]));
    const sorted = (pairs: Iterable<string[]>) => [...pairs].map((pair) => pair.join("=")).sort();
    assertEquals(sorted(flat), sorted(new URLSearchParams(query)), query);
  }
  for (const query of ["a=%", "a=%zz", "%ff=1", "a=%c3", "a=1&b=%ed%a0%80"]) {
    const error = assertThrows(
      () => parseQuery(query, "s.m"),
      ServiceError,
      "s.m: query string is malformed",
    );
    assertEquals(error.name, "invalid_format");
  }
});

Deno.test("header values carry any text", () => {
  for (const text of ["", "plain", "größe €", "😀", "\ufeffx", "\u00c3\u00a9"]) {
    const value = toHeaderValue(text);
    assertEquals(new Headers({ x: value }).get("x"), value);
    assertEquals(fromHeaderValue(value), text);
  }
  assertEquals(fromHeaderValue("caf\u00e9"), "café");
});

Deno.test("cookieValues", () => {
  const values = cookieValues('a=1; b="2";a=3 ; c=x=y; broken; =; d=');
  assertEquals([...values], [["a", "1"], ["b", "2"], ["c", "x=y"], ["", ""], ["d", ""]]);
});

Deno.test("isJsonType", () => {
  for (
    const type of ["application/json", " application/JSON ; charset=UTF-8", "application/problem+json;x=y"]
  ) {
    assertEquals(isJsonType(type), true, type);
  }
  for (
    const type of [
      "",
      "json",
      "text/json",
      "application/json5",
      "application/+json",
      "application/json;charset=utf-16",
    ]
  ) {
    assertEquals(isJsonType(type), false, type);
  }
});

Deno.test("readText joins characters that chunks cut", async () => {
  const bytes = new TextEncoder().encode("größe 😀");
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  assertEquals(await readText({ headers: new Headers(), body }, bytes.length, "body"), "größe 😀");
  assertEquals(await readText({ headers: new Headers(), body: null }, 0, "body"), "");
  const response = new Response("ab");
  const error = await assertRejects(() => readText(response, 1, "s.m: body"), ServiceError);
  assertEquals([error.name, error.message], ["too_large", "s.m: body is larger than 1 bytes"]);
});

Deno.test("deadlines", () => {
  const read = (header?: string, query = "") =>
    readDeadline(new Headers(header === undefined ? {} : { "goats-timeout": header }), query, "s.m");
  assertEquals(read(), undefined);
  assertEquals(read(undefined, "x-goats-timeout=5"), undefined);
  const before = Date.now();
  const at = read("1000", "goats-timeout=bad")!;
  assertEquals(at >= before + 1000 && at <= Date.now() + 1000, true);
  assertEquals(read(undefined, "a=1&goats-timeout=7")! >= before + 7, true);
  assertEquals([timeoutText(0.1), timeoutText(-1), timeoutText(1e300)], ["1", "0", "999999999999999"]);
});
