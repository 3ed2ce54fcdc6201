/**
 * Modules that are loaded when they are first used: what a start does not need does not make it longer.
 *
 * @module
 */

/** A module that may not be there yet. */
export interface Late<Module> {
  /** What it exports, once it was loaded: then nothing has to wait. */
  readonly here: Module | undefined;
  /** Loads it. */
  load(): Promise<Module>;
}

/** Makes one of what imports it. */
export function late<Module>(load: () => Promise<Module>): Late<Module> {
  let here: Module | undefined;
  return {
    get here() {
      return here;
    },
    load: async () => here ??= await load(),
  };
}
