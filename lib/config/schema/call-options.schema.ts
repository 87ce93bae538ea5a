import * as z from 'zod/mini';
import { fallback } from './fallback.schema.js';
import { flag } from './figures.js';
import { hedge, retry } from './retry.schema.js';
import { strictOptions } from './strict-options.js';

const PRIORITY = 'a whole number';
const never = z.literal(false);

/** What may be said of a backend's calls at the place that makes them; what is left out stays as the backend has it. */
export const callOptions = strictOptions(() => ({
  /** When these calls are tried again, or false for never. */
  retry: z.optional(z.union([never, retry])),
  /** When these calls are hedged, or false for never. */
  hedge: z.optional(z.union([never, hedge])),
  /** What is answered where the backend does not, or false for its error. */
  fallback: z.optional(z.union([never, fallback])),
  /** Whether these calls and their redirects may leave the backend's hosts. */
  allowOtherOrigins: z.optional(flag),
  /** Of those who wait for the backend, higher ones go first. Default 0. */
  priority: z.optional(z.int({ error: PRIORITY })),
}));

/** Options of calls as they are written. */
export type CallOptions = z.input<typeof callOptions>;
