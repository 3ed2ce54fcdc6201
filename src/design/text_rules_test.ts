import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { FormatName } from "./model.ts";
import { compilePattern, dateEnd, dateTimeEnd, FORMATS } from "./text_rules.ts";

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

const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const TIME =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    new Date(`${text}T00:00:00Z`).getTime() > -Infinity &&
    new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
}

/** What is looked through by hand, as expressions have it. */
const BY_EXPRESSION: Partial<Record<FormatName, (text: string) => boolean>> = {
  "date": isDay,
  "date-time": (text) => isDay(TIME.exec(text)?.[1] ?? ""),
  "hostname": (text) => {
    const name = text.endsWith(".") ? text.slice(0, -1) : text;
    return name.length > 0 && name.length <= 253 && name.split(".").every((label) => LABEL.test(label));
  },
  "ipv4": (text) => {
    const octets = text.split(".");
    return octets.length === 4 && octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255);
  },
};

Deno.test("property: what is looked through by hand is what expressions take", () => {
  const days = ["2024-02-29", "2023-02-28", "1900-02-29", "0000-01-01", "9999-12-31", "2024-04-31"];
  const label = "a".repeat(63);
  const starts: Partial<Record<FormatName, string[]>> = {
    "date": days,
    "date-time": days.flatMap((
      day,
    ) => [`${day}T23:59:59Z`, `${day}T00:00:00.123456+23:59`, `${day}T20:10:05-09:00`]),
    "hostname": [
      "a",
      "a-b.c-1.",
      label,
      `x.${label}.y`,
      `${label}.${label}.${label}.${label.slice(2)}.`,
      `${label}.${label}.${label}.${label.slice(1)}`,
    ],
    "ipv4": ["0.0.0.0", "255.255.255.255", "10.20.30.4", "1.2.3", "199.9.99.249"],
  };
  for (const [name, expected] of Object.entries(BY_EXPRESSION)) {
    const matches = FORMATS[name as FormatName];
    let taken = 0;
    const look = (text: string) => {
      assertEquals(matches(text), expected(text), `${name}: ${JSON.stringify(text)}`);
      if (matches(text)) taken++;
    };
    const edit = fc.record({
      at: fc.nat(300),
      out: fc.constantFrom(0, 1, 1, 2),
      by: fc.constantFrom(
        ...["", "0", "1", "2", "6", "9", ".", "-", ":", "T", "Z", "+", "a", "z", "A", "_"],
        "٣",
        "é",
        "\n",
        "{",
        "@",
      ),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...starts[name as FormatName]!),
        fc.array(edit, { maxLength: 3 }),
        (start, edits) => {
          let text = start;
          for (const { at, out, by } of edits) {
            const place = at % (text.length + 1);
            text = text.slice(0, place) + by + text.slice(place + out);
          }
          look(text);
        },
      ),
      { numRuns: 3000 },
    );
    fc.assert(fc.property(fc.string(), (text) => look(text)));
    assert(taken > 100, `${name}: only ${taken} were taken`);
  }
});

Deno.test("a time may stand at any place", () => {
  for (const [name, end] of [["date", dateEnd], ["date-time", dateTimeEnd]] as const) {
    const [valid, invalid] = CASES[name];
    for (const text of valid) {
      for (const before of ["", '"', "2024-01-02T03:04:05Z"]) {
        for (const after of ["", '"', " x"]) {
          assertEquals(end(before + text + after, before.length), before.length + text.length, text);
        }
      }
      assertEquals(end(text, 1), -1);
      assertEquals(end(text.slice(0, 9), 0), -1);
    }
    for (const text of invalid) assertEquals(end(`"${text}"`, 1), -1, text);
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
