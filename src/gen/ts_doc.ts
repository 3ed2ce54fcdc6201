/**
 * JSDoc in generated TypeScript.
 *
 * @module
 */
import type { AttributeModel } from "../design/model.ts";
import { exampleLines, linesOf, restraints, valueText } from "./told.ts";

/** A JSDoc comment of the lines; none of no lines. */
export function jsDoc(lines: readonly string[], indent = ""): string[] {
  if (lines.length === 0) return [];
  const safe = lines.map((line) => line.replaceAll("*/", "*\\/"));
  if (safe.length === 1) return [`${indent}/** ${safe[0]} */`];
  return [
    `${indent}/**`,
    ...safe.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}`),
    `${indent} */`,
  ];
}

/** What a design says of an attribute, a line for each. */
export function attributeDoc(attribute: AttributeModel): string[] {
  const about = textLines(attribute.description);
  const notes = [...restraints(attribute), ...exampleLines(attribute)].map(escaped);
  const blocks = [
    about,
    notes,
    attribute.default === undefined ? [] : [`@default ${valueText(attribute.default)}`],
  ];
  return joined(blocks);
}

/** A description: a line that begins with `@` is no tag. */
export function textLines(text: string | undefined): string[] {
  return linesOf(text).map(escaped);
}

function escaped(line: string): string {
  return line.replace(/^(\s*)@/, "$1\\@").replaceAll("{@", "{\\@");
}

/** Blocks of lines with an empty line between. */
export function joined(blocks: readonly (readonly string[])[]): string[] {
  return blocks.filter((lines) => lines.length > 0).flatMap((lines, index) =>
    index === 0 ? [...lines] : ["", ...lines]
  );
}
