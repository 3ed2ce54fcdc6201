/**
 * Sorts the parts of an attribute, which stand in any order.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type { ExampleModel, FormatName, ValidationModel } from "../model.ts";
import type {
  AnyAttributePart,
  AttributeMember,
  DataType,
  ErrorMember,
  TypeLike,
  TypeMember,
  ViewPart,
} from "../parts.ts";
import type { AttributesPart } from "../type_parts.ts";
import { describe } from "./describe.ts";
import { report, type Scope } from "./scope.ts";

/** The parts of one attribute, sorted. */
export interface Collected {
  readonly type?: TypeLike;
  readonly attributes: readonly AnyAttributePart[];
  readonly extends: readonly TypeLike[];
  readonly references: readonly TypeLike[];
  readonly required: ReadonlySet<string>;
  readonly description?: string;
  readonly validation: ValidationModel;
  readonly default?: { readonly value: unknown };
  readonly examples: readonly ExampleModel[];
  readonly meta: Readonly<Record<string, readonly string[]>>;
  readonly views: readonly ViewPart[];
  readonly typeName?: string;
  readonly flags: ReadonlySet<string>;
  /** What `Key` and `Elem` say of the keys and elements of the type. */
  readonly key: readonly AttributeMember[];
  readonly elem: readonly AttributeMember[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Sorts parts; tells what is there twice or has no business there. */
export function collect(scope: Scope, parts: readonly (TypeMember | ErrorMember)[]): Collected {
  const attributes: AnyAttributePart[] = [];
  const bases: TypeLike[] = [];
  const references: TypeLike[] = [];
  const key: AttributeMember[] = [];
  const elem: AttributeMember[] = [];
  const required = new Set<string>();
  const validation: Mutable<ValidationModel> = {};
  const examples: ExampleModel[] = [];
  const meta: Record<string, readonly string[]> = record();
  const views: ViewPart[] = [];
  const flags = new Set<string>();
  const found: Mutable<Partial<Collected>> = {};
  const flat = parts.flatMap((part): readonly Exclude<typeof part, AttributesPart>[] =>
    typeof part === "object" && part?.kind === "attributes"
      ? part.parts as readonly Exclude<AttributeMember, AttributesPart>[]
      : [part]
  );
  for (const part of flat) {
    if (typeof part === "string") {
      found.description = part;
      continue;
    }
    if (typeof part === "function") {
      setType(part);
      continue;
    }
    switch (part?.kind) {
      case "attribute":
        attributes.push(part);
        break;
      case "extend":
        bases.push(part.type);
        break;
      case "reference":
        references.push(part.type);
        break;
      case "key":
        key.push(...part.parts);
        break;
      case "elem":
        elem.push(...part.parts);
        break;
      case "required":
        for (const name of part.names) required.add(name);
        break;
      case "default":
        once("Default", found.default);
        found.default = { value: part.value };
        break;
      case "enum":
        once("Enum", validation.enum);
        if (part.values.length === 0) report(scope, "Enum has no values");
        validation.enum = part.values;
        break;
      case "validation":
        once(RULE_WORDS[part.rule], validation[part.rule]);
        if (part.rule === "format") validation.format = part.value as FormatName;
        else if (part.rule === "pattern") validation.pattern = part.value as string;
        else if (part.rule === "minLength" || part.rule === "maxLength") {
          validation[part.rule] = part.value as number;
        } else validation[part.rule] = part.value as number | bigint;
        break;
      case "example":
        examples.push(Object.freeze({ summary: part.summary, value: part.value }));
        break;
      case "meta":
        meta[part.name] = part.values;
        break;
      case "description":
        found.description = part.text;
        break;
      case "view":
        views.push(part);
        break;
      case "type_name":
        found.typeName = part.name;
        break;
      case "flag":
        flags.add(part.flag);
        break;
      case "primitive":
      case "empty":
      case "array":
      case "map":
      case "type":
      case "result_type":
      case "collection":
      case "union":
        setType(part);
        break;
      default:
        report(scope, `${describe(part)} has no place here`);
    }
  }
  Object.freeze(validation);
  return {
    ...found,
    attributes,
    extends: bases,
    references,
    required,
    validation,
    examples: Object.freeze(examples),
    meta: Object.freeze(meta),
    views,
    flags,
    key,
    elem,
  };

  function setType(type: DataType | (() => DataType)): void {
    if (found.type !== undefined) report(scope, "there are two types");
    else found.type = type;
  }

  function once(word: string, before: unknown): void {
    if (before !== undefined) report(scope, `${word} is there twice`);
  }
}

/** The words that the rules are written with. */
export const RULE_WORDS = {
  format: "Format",
  pattern: "Pattern",
  minimum: "Minimum",
  maximum: "Maximum",
  exclusiveMinimum: "ExclusiveMinimum",
  exclusiveMaximum: "ExclusiveMaximum",
  minLength: "MinLength",
  maxLength: "MaxLength",
} as const;
