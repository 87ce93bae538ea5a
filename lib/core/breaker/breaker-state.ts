/**
 * `closed` lets calls through, `open` rejects them, and `half-open` lets a few
 * probes through to find out. The forced states ignore results until the
 * breaker is reset.
 */
export type BreakerState =
  'closed' | 'open' | 'half-open' | 'forced-closed' | 'forced-open';

/** Called with each change of state, in order. */
export type TransitionListener = (
  from: BreakerState,
  to: BreakerState,
  nowMs: number,
) => void;
