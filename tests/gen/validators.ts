/** Validators of OpenAPI and AsyncAPI that others wrote. */
import { Parser } from "@asyncapi/parser";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { validate } from "@scalar/openapi-parser";

/** What a validator has to say. */
export interface Finding {
  /** Its name for the rule. */
  readonly rule: string;
  readonly message: string;
  /** Where in the document. */
  readonly place: string;
}

const recommended = await createConfig({ extends: ["recommended"] });

/** All that Redocly's linter and Scalar's parser find. */
export async function findInOpenApi(text: string): Promise<Finding[]> {
  const scalar = await validate(text);
  const redocly = await lintFromString({ source: text, absoluteRef: "/openapi.json", config: recommended });
  return [
    ...(scalar.errors ?? []).map((error) => ({ rule: "scalar", message: error.message, place: "" })),
    ...scalar.valid ? [] : [{ rule: "scalar", message: "not valid", place: "" }],
    ...redocly.map(({ ruleId, message, location }) => ({
      rule: ruleId,
      message,
      place: location[0]?.pointer ?? "",
    })),
  ];
}

const parser = new Parser();

/** All that AsyncAPI's own parser finds. */
export async function findInAsyncApi(text: string): Promise<Finding[]> {
  const { document, diagnostics } = await parser.parse(text);
  return [
    ...diagnostics.map(({ code, message, path }) => ({ rule: String(code), message, place: path.join("/") })),
    ...document === undefined ? [{ rule: "parser", message: "not valid", place: "" }] : [],
  ];
}
