/**
 * A payload from flags.
 *
 * @module
 */
import type { Json } from "../codec/codec.ts";
import { isObject, setOwn } from "../codec/json.ts";
import { underlying } from "../codec/view.ts";
import type { AttributeModel, NamedAttributeModel } from "../design/model.ts";
import type { Flag } from "./arguments.ts";
import { type Place, placeOf, type Step } from "./attribute_path.ts";
import { jsonOfElements, jsonOfText } from "./flag_value.ts";
import { UsageError } from "./usage_error.ts";

/** Name of the flag of a payload that has no attributes. */
export const WHOLE = "payload";

/** The flags of a method's payload. */
export interface PayloadFlags {
  /** Gives the flag of a name. */
  find(name: string): Flag | undefined;
  /** Names of attributes. */
  readonly names: readonly string[];
  /** Whether any was given. */
  readonly given: boolean;
  /**
   * Puts what was given on top of a payload.
   *
   * @param base What `--data` says; `undefined` when it says nothing
   */
  payload(base: Json): Promise<Json>;
}

/** Makes the flags of a payload; there are none where the method has none. */
export function payloadFlags(payload: AttributeModel | undefined): PayloadFlags {
  const root = payload && wrapped(payload);
  const inObject = root === payload;
  const type = root && underlying(root.type);
  const names = type?.kind === "object" ? type.attributes.map(({ name }) => name) : [];
  const given: { readonly place: Place; readonly flag: string; readonly text: string | undefined }[] = [];

  function find(name: string): Flag | undefined {
    if (root === undefined) return undefined;
    const place = placeOf(root, name);
    if (place !== undefined) return flagOf(place, name, false);
    const negated = name.startsWith("no-") ? placeOf(root, name.slice(3)) : undefined;
    const off = negated !== undefined && isBoolean(negated.attribute);
    return off ? flagOf(negated, name, true) : undefined;
  }

  function flagOf(place: Place, name: string, off: boolean): Flag {
    const boolean = isBoolean(place.attribute);
    const flag = `--${name}`;
    return {
      boolean,
      take(value) {
        if (off && value !== undefined) throw new UsageError(`${flag} takes no value`);
        given.push({ place, flag, text: boolean && value === undefined ? `${!off}` : value });
      },
    };
  }

  return {
    find,
    names,
    get given() {
      return given.length > 0;
    },
    async payload(base) {
      let json: Json = inObject || base === undefined ? base : { [WHOLE]: base };
      const seen = new Map<string, string>();
      for (const { place: { attribute, steps }, flag, text = "" } of given) {
        const key = JSON.stringify(steps);
        const type = underlying(attribute.type);
        const again = seen.has(key);
        seen.set(key, flag);
        if (type.kind === "array") {
          const more = await jsonOfElements(type.elem, text, flag);
          json = put(json, steps, (old) => again ? [...old as Json[], ...more] : more);
          continue;
        }
        if (again) throw new UsageError(`${flag} is given twice, and it is no list`);
        const value = await jsonOfText(attribute, text, flag);
        json = put(json, steps, () => value);
      }
      return inObject || json === undefined ? json : (json as Record<string, Json>)[WHOLE];
    },
  };
}

const isBoolean = ({ type }: AttributeModel): boolean => {
  const at = underlying(type);
  return at.kind === "boolean" || at.kind === "array" && underlying(at.elem.type).kind === "boolean";
};

/** A payload that is no object, as the one attribute of one. */
function wrapped(payload: AttributeModel): AttributeModel {
  if (underlying(payload.type).kind === "object") return payload;
  const only: NamedAttributeModel = { ...payload, name: WHOLE, required: true };
  return {
    type: { kind: "object", attributes: [only] },
    validation: {},
    examples: [],
    meta: {},
  };
}

/** Changes one value in a tree, and makes the way to it where there is none. */
function put(json: Json, steps: readonly Step[], change: (old: Json) => Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return change(json);
  const object: Record<string, Json> = isObject(json) ? { ...json } : {};
  if (step.kind === "member") {
    const old = Object.hasOwn(object, step.name) ? object[step.name] : undefined;
    setOwn(object, step.name, put(old, rest, change));
    return object;
  }
  const { typeField, valueField, tag } = step;
  const other = object[typeField];
  if (other !== undefined && other !== tag) {
    throw new UsageError(`Only one of ${JSON.stringify(other)} and ${JSON.stringify(tag)} can be given`);
  }
  return {
    [typeField]: tag,
    [valueField]: put(other === tag ? object[valueField] : undefined, rest, change),
  };
}
