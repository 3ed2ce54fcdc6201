/**
 * The messages as zod describes them: what goats' design of the same says.
 *
 * @module
 */
import { z } from "zod";

const percentage = z.number().min(0).max(100);

/** By kind. */
export const schemas = {
  sample: z.object({
    cpu: percentage,
    memory: percentage,
    host: z.string().max(64),
    at: z.iso.datetime({ offset: true }),
  }),
  tick: z.object({ n: z.int() }),
} as const;
