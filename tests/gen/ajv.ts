/** Validators of JSON Schema that others wrote, set up as readers of our documents would. */
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { fromBase64 } from "../../src/codec/base64.ts";

/** Formats that goats knows and JSON Schema has no name for; what they mean is tried in src/design/text_rules_test.ts. */
const OTHERS = ["mac", "cidr", "rfc1123", "uint32", "uint64"];

const DOCUMENT = [
  ..."openapi info servers tags paths components externalDocs x-generator".split(" "),
  ..."asyncapi defaultContentType channels operations".split(" "),
];

// deno-lint-ignore explicit-function-return-type
function setUp(ajv: Ajv | Ajv2020) {
  (addFormats as unknown as { default: typeof addFormats.default } & typeof addFormats.default)(ajv as never);
  for (const name of OTHERS) ajv.addFormat(name, true);
  // What is between the braces of OpenAPI and AsyncAPI.
  ajv.addFormat("password", true);
  // What stands beside the schemas of documents, within which references lead.
  ajv.addVocabulary([...DOCUMENT]);
  ajv.removeKeyword("contentEncoding");
  ajv.addKeyword({
    keyword: "contentEncoding",
    type: "string",
    validate: (encoding: string, text: string) => encoding !== "base64" || fromBase64(text) !== undefined,
  });
  return ajv;
}

/** Of 2020-12, as in OpenAPI 3.1. `strict`: what it does not know is an error. */
export function ajv2020(): Ajv2020 {
  return setUp(
    new Ajv2020({ strict: true, allErrors: false, ownProperties: true, strictTypes: false }),
  ) as Ajv2020;
}

/** Of draft 7, as in AsyncAPI. */
export function ajv7(): Ajv {
  return setUp(
    new Ajv({ strict: true, ownProperties: true, strictTypes: false, strictTuples: false }),
  ) as Ajv;
}
