/**
 * Names of the channels of AsyncAPI, to which OpenAPI leads.
 *
 * @module
 */
import type { MethodModel, RouteModel } from "../design/model.ts";

/** A streaming method on one of its routes. */
export interface Channel {
  readonly name: string;
  readonly route: RouteModel;
}

/** The channels of a method: one for each of its routes. */
export function channelsOf({ service, name, http }: MethodModel): readonly Channel[] {
  const base = `${service}.${name}`.replace(/[^\w.-]/g, "_");
  return (http?.routes ?? []).map((route, index) => ({
    name: index === 0 ? base : `${base}.${index + 1}`,
    route,
  }));
}
