/**
 * Where the builder is: what it knows of the service, and the place that a problem is told of.
 *
 * @module
 */
import type { DesignProblem } from "../design_error.ts";
import type { UserModel } from "../model.ts";

/** One run of the builder. */
export interface Build {
  readonly service: string;
  readonly problems: DesignProblem[];
  /** Named types already resolved or being so, by the part that made them. */
  readonly types: Map<object, UserModel>;
  /** Checks that need every type whole; run once all are. */
  readonly later: (() => void)[];
}

/** A place in the design. */
export interface Scope {
  readonly build: Build;
  readonly method?: string;
  readonly location?: string;
  /** Path of the attribute; `""` outside of any. */
  readonly attribute: string;
}

/** Tells a problem of this place. */
export function report(scope: Scope, message: string): void {
  const { build, method, location, attribute } = scope;
  build.problems.push(Object.freeze({
    service: build.service,
    ...(method === undefined ? {} : { method }),
    ...(attribute === "" ? {} : { attribute }),
    ...(location === undefined ? {} : { location }),
    message,
  }));
}

/** The place of an attribute below this one. */
export function below(scope: Scope, name: string): Scope {
  return { ...scope, attribute: scope.attribute === "" ? name : `${scope.attribute}.${name}` };
}

/** The place of the elements or keys of what is here. */
export function within(scope: Scope, suffix: "[*]" | "[key]"): Scope {
  return { ...scope, attribute: `${scope.attribute}${suffix}` };
}
