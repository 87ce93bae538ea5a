import * as z from 'zod/mini';
import { orDefault } from './strict-options.js';

/** What to do with a call above a limit. */
export const aboveLimit = orDefault(
  z.enum(['reject', 'wait'], { error: '"reject" or "wait"' }),
  'reject',
);

/** The queue options of a limit, as configured. */
export interface WaitingOptions {
  readonly onLimit: z.output<typeof aboveLimit>;
  readonly maxWait?: number | undefined;
  readonly maxQueue?: number | undefined;
}

/** The bounds of a queue. */
export interface Patience {
  /** The longest wait, in milliseconds. */
  readonly maxWaitMs: number;
  /** The maximum number of waiting calls. */
  readonly maxQueue: number;
}

const DEFAULT_PATIENCE: Patience = { maxWaitMs: 1000, maxQueue: 100 };

/** The bounds of the queue; `undefined` if calls above the limit are rejected. */
export function patienceOf(
  { onLimit, maxWait, maxQueue }: WaitingOptions,
  ctx: z.core.ParsePayload,
): Patience | undefined {
  if (onLimit === 'reject') {
    forbid({ maxWait, maxQueue }, ctx);
    return undefined;
  }
  return {
    maxWaitMs: maxWait ?? DEFAULT_PATIENCE.maxWaitMs,
    maxQueue: maxQueue ?? DEFAULT_PATIENCE.maxQueue,
  };
}

function forbid(
  figures: Record<string, number | undefined>,
  ctx: z.core.ParsePayload,
): void {
  for (const [key, figure] of Object.entries(figures)) {
    if (figure === undefined) continue;
    ctx.issues.push({
      code: 'custom',
      path: [key],
      message: 'only with onLimit "wait"',
      input: figure,
    });
  }
}
