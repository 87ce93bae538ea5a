import { channel } from 'node:diagnostics_channel';
import { BreakerState } from '../core/breaker/circuit-breaker.js';

/** Published on the channel `floodgate:breaker` with each change of a breaker's state. */
export interface BreakerTransition {
  readonly backend: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** Free of cost while nobody subscribes (node:diagnostics_channel). */
export const breakerChannel = channel('floodgate:breaker');
