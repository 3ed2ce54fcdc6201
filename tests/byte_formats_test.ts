/** Formats looked for in bytes take nothing that those of texts refuse, and, of what is common, nothing less. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { BYTE_FORMATS } from "../src/codec/byte_formats.ts";
import { FORMATS } from "../src/design/text_rules.ts";

const SAMPLES = {
  "date": ["2024-02-29", "2023-02-28", "1999-12-31", "0000-01-01"],
  "date-time": [
    "2024-02-29T23:59:59Z",
    "2023-01-01T00:00:00.123456789Z",
    "2023-06-30T12:00:00+01:00",
    "2023-06-30T12:00:00.5-23:59",
  ],
  "uuid": ["96054a62-a9e4-11e5-bc88-b8e8563a3a3d", "96054A62-A9E4-41E5-8C88-B8E8563A3A3D"],
  "email": ["a@b", "zoe.mueller+x@mail.example.com", "!#$%&'*+-/=?^_`{|}~@x-y.z"],
} as const;

const encoder = new TextEncoder();

for (const name of Object.keys(BYTE_FORMATS) as (keyof typeof SAMPLES)[]) {
  Deno.test(`${name} in bytes`, () => {
    const check = (text: string): boolean => {
      // Among others, as messages have them; what is not ASCII is looked at from its end.
      const bytes = encoder.encode(`1${text}Z:0`);
      const end = bytes.length - 3;
      const found = BYTE_FORMATS[name]!(bytes, end - text.length, end);
      if (found) assertEquals(FORMATS[name](text), true, text);
      return found;
    };
    for (const sample of SAMPLES[name]) assertEquals(check(sample), true, sample);
    fc.assert(
      fc.property(
        fc.constantFrom(...SAMPLES[name]),
        fc.array(
          fc.tuple(fc.nat(40), fc.constantFrom(..."0123456789-:.TZ+@ aé\u{1f600}".split("")), fc.nat(2)),
        ),
        (sample, changes) => {
          let text: string = sample;
          for (const [at, by, cut] of changes.slice(0, 3)) {
            text = text.slice(0, at) + by + text.slice(at + cut);
          }
          check(text.toWellFormed());
        },
      ),
      { numRuns: 5000 },
    );
  });
}
