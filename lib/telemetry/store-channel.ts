import { channel } from 'node:diagnostics_channel';

/** Published on the channel `floodgate:store` when a node of the shared store stops answering, and when it answers again. */
export interface StoreTransition {
  /** The node's address in a Cluster, otherwise empty. */
  readonly node: string;
  readonly state: 'up' | 'down';
  /** How requests are decided from now on. */
  readonly decidedBy: 'redis' | 'local' | 'open' | 'closed';
  /** Why it is down. */
  readonly reason?: string;
}

/** Free of cost while nobody subscribes (node:diagnostics_channel). */
export const storeChannel = channel('floodgate:store');
