/**
 * The service and the method that a command line means.
 *
 * @module
 */
import type { MethodModel, ServiceModel } from "../design/model.ts";
import { LoadError, loadServices } from "../gen/load.ts";
import { suggestion, UsageError } from "./usage_error.ts";

/**
 * Gives the services that a module exports.
 *
 * @throws {UsageError} When it cannot be loaded, or exports none
 */
export async function loadDesign(module: string): Promise<readonly ServiceModel[]> {
  try {
    return (await loadServices([module])).map(({ design }) => design.model);
  } catch (error) {
    if (error instanceof LoadError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

/** Gives the service of a name. */
export function pickService(services: readonly ServiceModel[], name: string): ServiceModel {
  const found = services.find((service) => service.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no service ${JSON.stringify(name)}${suggestion(name, services.map((one) => one.name))}`,
  );
}

/** Gives the method of a name. */
export function pickMethod(service: ServiceModel, name: string): MethodModel {
  const found = Object.hasOwn(service.methods, name) ? service.methods[name] : undefined;
  if (found !== undefined) return found;
  throw new UsageError(
    `${service.name} has no method ${JSON.stringify(name)}${suggestion(name, Object.keys(service.methods))}`,
  );
}
