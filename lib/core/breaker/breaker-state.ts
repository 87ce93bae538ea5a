/**
 * `closed` lets calls through, `open` refuses them, `half-open` lets a few
 * probes find out. The forced states do so whatever the results are, until the
 * breaker is reset.
 */
export type BreakerState =
  'closed' | 'open' | 'half-open' | 'forced-closed' | 'forced-open';

/** Told of each change of state, in order. */
export type TransitionListener = (
  from: BreakerState,
  to: BreakerState,
  nowMs: number,
) => void;
