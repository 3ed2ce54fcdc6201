import { assert, assertEquals } from "@std/assert";
import type { FormatName } from "./model.ts";
import { compilePattern, FORMATS } from "./text_rules.ts";

const CASES: Record<FormatName, [valid: string[], invalid: string[]]> = {
  "date": [["2024-02-29", "0001-01-01"], ["2023-02-29", "2024-13-01", "2024-1-1", "2024-00-10", "x", ""]],
  "date-time": [
    ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123456789+02:00", "1985-04-12T23:20:50.52-08:00"],
    [
      "2024-01-02 03:04:05Z",
      "2024-01-02T24:00:00Z",
      "2024-01-02T03:04:60Z",
      "2024-02-30T00:00:00Z",
      "2024-01-02T03:04:05",
    ],
  ],
  "uuid": [
    [
      "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
      "6ba7b8109dad11d180b400c04fd430c8",
      "{6BA7B810-9dad-11d1-80b4-00c04fd430c8}",
      "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    ],
    [
      "6ba7b810-9dad-11d1-00b4-00c04fd430c8",
      "6ba7b810-9dad-11d1-80b4-00c04fd430c",
      "{6ba7b810-9dad-11d1-80b4-00c04fd430c8",
      "",
    ],
  ],
  "email": [
    [
      "a@b",
      "first.last+tag@example.com",
      '"quoted \\" @ local"@example.com',
      "Ann <ann@example.com>",
      "x@[127.0.0.1]",
      "jörg@bücher.de",
    ],
    ["a", "@b", "a@", "a b@c", ".a@b", "a..b@c", "a@b..c", "<a@b", "a@b>", ""],
  ],
  "hostname": [["localhost", "a-b.example.com", "example.com.", "1.de"], [
    "-a.b",
    "a-.b",
    "a..b",
    "a_b",
    "",
    ".",
    "a".repeat(64),
  ]],
  "ipv4": [["127.0.0.1", "255.255.255.255"], ["256.0.0.1", "1.2.3", "01.2.3.4", "::1", ""]],
  "ipv6": [
    [
      "::",
      "::1",
      "1::",
      "2001:db8::8a2e:370:7334",
      "::ffff:1.2.3.4",
      "1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:1.2.3.4",
    ],
    [
      "1.2.3.4",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "::1::",
      ":::",
      "12345::",
      "1.2.3.4::",
      "fe80::1%eth0",
      "1:2:3:4:5:6:7::8",
      "",
    ],
  ],
  "ip": [["1.2.3.4", "::1"], ["x", ""]],
  "uri": [
    ["http://a/b?c#d", "mailto:a@b", "/path", "https://[::1]:80/", "urn:x:y", "/%20"],
    ["a/b", "", "http:", "http://a b", "/%zz", "1http://x", "/\n"],
  ],
  "mac": [["00:00:5e:00:53:01", "00-00-5E-00-53-01", "0000.5e00.5301", "02:00:5e:10:00:00:00:01"], [
    "00:00:5e:00:53",
    "00:00-5e:00:53:01",
    "zz:00:5e:00:53:01",
    "",
  ]],
  "cidr": [["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0"], [
    "10.0.0.0",
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/08",
    "x/8",
  ]],
  "regexp": [["^a+$", "(?i)x", "(?P<n>x)", "[\\w-]"], ["(", "*", "a{2,1}"]],
  "json": [["1", '{"a":[]}'], ["{", ""]],
  "rfc1123": [["Mon, 02 Jan 2006 15:04:05 MST", "Tue, 29 Feb 2024 00:00:00 GMT"], [
    "Mon, 2 Jan 2006 15:04:05 MST",
    "Tue, 30 Feb 2024 00:00:00 GMT",
    "",
  ]],
};

Deno.test("formats take what Goa's take", () => {
  for (const [name, [valid, invalid]] of Object.entries(CASES)) {
    const matches = FORMATS[name as FormatName];
    for (const text of valid) assert(matches(text), `${name}: ${text}`);
    for (const text of invalid) assertEquals(matches(text), false, `${name}: ${text}`);
  }
});

Deno.test("formats stay linear on long garbage", () => {
  const garbage = ["a", "0", "-", ".", ":", "a.", "a@", "1:", "%", '"\\', "ab-", "<", "::", "[", "00:"];
  for (const [name, matches] of Object.entries(FORMATS)) {
    // A quadratic check would take minutes on these, not milliseconds.
    for (const part of garbage) assertEquals(typeof matches(part.repeat(200_000) + "\n!"), "boolean", name);
  }
});

Deno.test("patterns compile as Unicode where they can, Go's spellings included", () => {
  assert(compilePattern("^.$").test("\u{1f600}"));
  assert(compilePattern("^\\-$").test("-"));
  assert(compilePattern("(?i)^abc$").test("ABC"));
  assertEquals(compilePattern("(?P<year>\\d+)").exec("in 2024")?.groups?.year, "2024");
});
