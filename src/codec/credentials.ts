/**
 * Credentials among the attributes of a payload.
 *
 * @module
 */
import type { AttributeModel, MethodModel, NamedAttributeModel, TypeModel } from "../design/model.ts";
import type { TextCodec } from "./text.ts";
import { underlying } from "./view.ts";

/** Goa's keys of `Meta`, written by `Token(...)` and its like. */
const KEY = /^security:(?:username|password|token|accesstoken|bearer|apikey:.*)$/s;

/** Whether an attribute carries a credential, which nothing may show. */
export function isCredential(attribute: AttributeModel): boolean {
  for (const key of Object.keys(attribute.meta)) if (KEY.test(key)) return true;
  return false;
}

/** Whether a value is a credential, or an object with one. */
export function holdsCredential(attribute: AttributeModel): boolean {
  const type = underlying(attribute.type);
  return isCredential(attribute) || type.kind === "object" && type.attributes.some(isCredential);
}

/** Names of the attributes that carry a method's credentials. */
export function credentialNames(method: MethodModel): ReadonlySet<string> {
  return new Set(
    (method.security ?? []).flatMap(({ schemes }) => schemes.flatMap(({ attributes }) => attributes)),
  );
}

const required = new WeakMap<MethodModel, readonly string[]>();

/** Those that must be there, and have no default. */
export function requiredCredentials(method: MethodModel): readonly string[] {
  let names = required.get(method);
  if (names === undefined) {
    const all = credentialNames(method);
    const type = method.payload && underlying(method.payload.type);
    const attributes = type?.kind === "object" ? type.attributes : [];
    names = attributes.filter((one) => one.required && one.default === undefined && all.has(one.name))
      .map(({ name }) => name);
    required.set(method, names);
  }
  return names;
}

const relaxed = new WeakMap<MethodModel, AttributeModel>();

/**
 * The payload as servers decode it: a credential that is missing is no invalid message but an unauthorized caller,
 * which the core tells later.
 */
export function payloadToDecode(method: MethodModel): AttributeModel | undefined {
  const { payload } = method;
  if (payload === undefined || requiredCredentials(method).length === 0) return payload;
  let made = relaxed.get(method);
  if (made === undefined) {
    const names = new Set(requiredCredentials(method));
    relaxed.set(method, made = { ...payload, type: withOptional(payload.type, names) });
  }
  return made;
}

function withOptional(type: TypeModel, names: ReadonlySet<string>): TypeModel {
  if (type.kind === "user") {
    return { ...type, attribute: { ...type.attribute, type: withOptional(type.attribute.type, names) } };
  }
  if (type.kind !== "object") return type;
  const optional = (attribute: NamedAttributeModel): NamedAttributeModel =>
    names.has(attribute.name) ? { ...attribute, required: false } : attribute;
  return { ...type, attributes: type.attributes.map(optional) };
}

/** The header and the key of metadata that credentials travel under by default. */
export const AUTHORIZATION = "authorization";

/** Those that are sent as `Bearer …`. */
const BEARER = ["security:token", "security:accesstoken", "security:bearer"] as const;
/** A credential with its scheme in front (RFC 9110, section 11.4). */
const WITH_SCHEME = /^([^ ]+) +(.*)$/s;
/** What may lead a key, which may have blanks of its own. */
const KEY_SCHEME = /^(?:apikey|bearer|token)$/i;

/**
 * The text codec of an attribute in a header or in metadata: in `authorization`, tokens are led by `Bearer`; whatever
 * word leads them when they come is taken off, as Goa does, but for what is Basic authentication's.
 */
export function credentialText(codec: TextCodec, attribute: AttributeModel, name: string): TextCodec {
  if (name !== AUTHORIZATION || !isCredential(attribute)) return codec;
  const bearer = BEARER.some((key) => Object.hasOwn(attribute.meta, key));
  return {
    encode(value) {
      const text = codec.encode(value);
      // No token is sent as none: servers tell such a caller that it is unauthorized.
      if (text === "") return [];
      return bearer && typeof text === "string" ? `Bearer ${text}` : text;
    },
    toJson(texts) {
      const [text] = texts;
      if (text === undefined) return undefined;
      const parts = WITH_SCHEME.exec(text);
      if (parts === null) return codec.toJson([text]);
      const [, scheme = "", rest = ""] = parts;
      if (scheme.toLowerCase() === "basic") return undefined;
      return codec.toJson([bearer || KEY_SCHEME.test(scheme) ? rest : text]);
    },
  };
}
