/**
 * JSON Schema (2020-12), a file for each type.
 *
 * @module
 */
import type { AttributeModel, MethodModel, UserModel } from "../design/model.ts";
import { documentText, type Node, node } from "./document.ts";
import type { GenDesign, GeneratedFile, Generator } from "./files.ts";
import { type Schemas, schemas, viewKey } from "./schema.ts";
import { typeNames } from "./type_names.ts";
import { viewsOf } from "./views.ts";
import { MARKED } from "./told.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** What a method takes or gives, and what it is called in file names. */
interface Message {
  readonly name: string;
  readonly attribute: AttributeModel;
}

function messagesOf({ payload, streamingPayload, result, streamingResult, errors }: MethodModel): Message[] {
  const all: readonly (readonly [string, AttributeModel | undefined])[] = [
    ["payload", payload],
    ["streaming_payload", streamingPayload],
    ["result", result],
    ["streaming_result", streamingResult],
    ...Object.values(errors).map(({ name, attribute }) => [`error.${name}`, attribute] as const),
  ];
  return all.flatMap(([name, attribute]) => attribute === undefined ? [] : [{ name, attribute }]);
}

/**
 * `schemas/<Type>.json` for each named type that a method takes or gives (`<Type>.<view>.json` for each view that is not
 * the default one) and `schemas/<service>.<method>.<message>.json` for messages whose types have no name. Files refer to
 * each other by their names.
 */
export const jsonSchema: Generator = ({ services }: GenDesign): readonly GeneratedFile[] => {
  const unnamed: { readonly name: string; readonly attribute: AttributeModel }[] = [];
  const named: { readonly type: UserModel; readonly view: string }[] = [];
  const unique = uniqueFiles();
  for (const service of services) {
    for (const method of Object.values(service.methods)) {
      for (const { name, attribute } of messagesOf(method)) {
        const { type } = attribute;
        // A name by itself does not say what a message has to keep to besides.
        if (type.kind !== "user" || Object.keys(attribute.validation).length > 0) {
          unnamed.push({ name: unique(fileName(service.name, method.name, name)), attribute });
        } else for (const view of viewsOf(attribute)) named.push({ type, view: viewKey(type, view) });
      }
    }
  }
  const others = unnamed.map(({ name }) => name);
  const names = typeNames((finder: Schemas) => {
    for (const { type, view } of named) finder.of({ type, view, validation: {}, examples: [], meta: {} });
    for (const { attribute } of unnamed) finder.of(attribute);
  }, others);
  const { of, define } = schemas({ ref: (type, view) => `${names.nameOf(type, view)}.json` });
  const files = [
    ...names.all.map(({ name, type, view }) => fileOf(name, titleOf(type, view), define(type, view))),
    ...unnamed.map(({ name, attribute }) => fileOf(name, name, of(attribute))),
  ];
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
};

/** Hands out names that differ in more than capitals, which some file systems do not tell. */
function uniqueFiles(): (name: string) => string {
  const taken = new Set<string>();
  return (name) => {
    let free = name;
    for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name}${n}`;
    taken.add(free.toLowerCase());
    return free;
  };
}

function fileName(...parts: readonly string[]): string {
  return parts.map((part) => part.replace(/[^\w.-]/g, "_")).join(".");
}

function titleOf({ name }: UserModel, view: string): string {
  return view === "default" ? name : `${name}, view ${view}`;
}

function fileOf(name: string, title: string, schema: Node): GeneratedFile {
  const text = documentText(
    node({ $schema: DIALECT, $comment: MARKED, $id: `${name}.json`, title, ...schema }),
  );
  return { path: `schemas/${name}.json`, text };
}
