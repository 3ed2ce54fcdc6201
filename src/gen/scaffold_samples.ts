/**
 * What the methods of a service carry in what `scaffold` writes: one sample of each, as it is sent and as it arrives.
 *
 * @module
 */
import { jsonCodec } from "../codec/json.ts";
import { credentialNames } from "../codec/credentials.ts";
import { underlying } from "../codec/view.ts";
import type { AttributeModel, MethodModel, ServiceModel } from "../design/model.ts";
import type { SchemeModel, SchemeUseModel } from "../design/security_model.ts";
import { Code, property } from "./literal.ts";
import { LoadError } from "./load.ts";
import { sampleOf, type Sampling } from "./sample.ts";

/** A value, as it is sent and as it arrives. */
export interface Sample {
  /** In side. */
  readonly sent: unknown;
  /** Out side, in the view that nobody chose. */
  readonly arrives: unknown;
}

/** Samples of all that a method carries. */
export interface MethodSamples {
  /** The method. */
  readonly method: MethodModel;
  /** Payload; credentials in it are expressions. */
  readonly payload?: Sample;
  /** One message to the server. */
  readonly streamingPayload?: Sample;
  /** Result. */
  readonly result?: Sample;
  /** One message from the server. */
  readonly streamingResult?: Sample;
}

/** A scheme, and credentials that are accepted at first: what an attribute must look like, or nothing for any text. */
export interface DemoScheme {
  /** The scheme. */
  readonly scheme: SchemeModel;
  /** By name of credential. */
  readonly values: Readonly<Record<string, string | undefined>>;
}

/** A service with its samples. */
export interface ServiceSamples {
  /** The service. */
  readonly service: ServiceModel;
  /** Its methods, in the order written. */
  readonly methods: readonly MethodSamples[];
  /** The security schemes that its samples use, by name. */
  readonly schemes: ReadonlyMap<string, DemoScheme>;
}

/** What credentials of a scheme are called, in the order of its attributes. */
export function credentialKeys({ kind }: SchemeModel): readonly string[] {
  return kind === "basic" ? ["username", "password"] : ["token"];
}

/**
 * Samples of all methods of a service.
 *
 * @throws {LoadError} When there is none for something that cannot be left out
 */
export function samplesOf(service: ServiceModel, sampling: Omit<Sampling, "missing">): ServiceSamples {
  const schemes = new Map<string, DemoScheme>();
  const methods = Object.values(service.methods).map((method): MethodSamples => {
    const of = (name: "payload" | "streamingPayload" | "result" | "streamingResult") => {
      const attribute = method[name];
      return attribute && { [name]: sampleFor(method, attribute, name, sampling) };
    };
    const samples: MethodSamples = {
      method,
      ...of("payload"),
      ...of("streamingPayload"),
      ...of("result"),
      ...of("streamingResult"),
    };
    return samples.payload === undefined
      ? samples
      : { ...samples, payload: withCredentials(method, samples.payload, schemes) };
  });
  return { service, methods, schemes };
}

function sampleFor(
  method: MethodModel,
  attribute: AttributeModel,
  name: string,
  sampling: Omit<Sampling, "missing">,
): Sample {
  let without: string | undefined;
  const missing = ({ path }: { readonly path: string }) => void (without ??= path);
  const sent = sampleOf(attribute, name, { ...sampling, missing });
  const context = `${method.service}.${method.name}`;
  if (sent === undefined) {
    throw new LoadError(
      `Cannot scaffold ${context}: no value found that ${without ?? name} allows; give it an Example`,
    );
  }
  const view = name === "result" || name === "streamingResult" ? { view: attribute.view ?? "default" } : {};
  const codec = jsonCodec(attribute, { root: name, context, ...view });
  return { sent, arrives: codec.decode(codec.encode(sent)) };
}

/** The payload with the credentials of the first alternative, and of no other. */
function withCredentials(method: MethodModel, payload: Sample, schemes: Map<string, DemoScheme>): Sample {
  const uses = method.security?.[0]?.schemes;
  const type = method.payload && underlying(method.payload.type);
  if (uses === undefined || type?.kind !== "object") return payload;
  const given = new Map(uses.flatMap((use) => expressions(use, type.attributes, payload.sent, schemes)));
  const others = credentialNames(method);
  const attributes = Object.entries(payload.sent as Record<string, unknown>).flatMap(([name, value]) => {
    if (given.has(name)) return [[name, given.get(name)] as const];
    const required = type.attributes.some((one) => one.name === name && one.required);
    return others.has(name) && !required ? [] : [[name, value] as const];
  });
  return { ...payload, sent: Object.fromEntries(attributes) };
}

function expressions(
  { scheme, attributes }: SchemeUseModel,
  all: readonly (AttributeModel & { readonly name: string })[],
  sent: unknown,
  schemes: Map<string, DemoScheme>,
): (readonly [string, Code])[] {
  const keys = credentialKeys(scheme);
  if (!schemes.has(scheme.name)) {
    const values = attributes.map((name, index) => {
      const attribute = all.find((one) => one.name === name)!;
      const free = attribute.type.kind === "string" && Object.keys(attribute.validation).length === 0;
      return [keys[index]!, free ? undefined : (sent as Record<string, string>)[name]] as const;
    });
    schemes.set(scheme.name, { scheme, values: Object.fromEntries(values) });
  }
  return attributes.map((name, index) =>
    [name, new Code(`demo${property(scheme.name)}.${keys[index]}`)] as const
  );
}
