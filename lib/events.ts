import { channel } from 'node:diagnostics_channel';
import { BreakerState } from './core/breaker/circuit-breaker.js';
import { HostState } from './core/hosts/host-pool.js';

// Events are published on channels of node:diagnostics_channel; without a subscriber, publishing costs nothing.

/** Published on the channel `floodgate:refusal` for each request that a router limit refused, or would have. */
export interface RefusalEvent {
  /** `catalog.CatalogController.find`, or `service`. */
  readonly route: string;
  /** Names of the limits that refused. */
  readonly policies: readonly string[];
  /** `audit`: the request went on all the same. */
  readonly mode: 'enforce' | 'audit';
  /** The status that the refusal has over HTTP: 429, 503 or 403. */
  readonly status: number;
  /** When a retry would pass; `undefined` when that is not known or never. */
  readonly retryAfterMs: number | undefined;
}

export const refusalChannel = channel('floodgate:refusal');

/** Published on the channel `floodgate:breaker` with each change of a breaker's state. */
export interface BreakerTransition {
  readonly backend: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

export const breakerChannel = channel('floodgate:breaker');

/** Published on the channel `floodgate:host` with each change of a host's state. */
export interface HostTransition {
  readonly backend: string;
  /** The origin of its base URL: no credentials, path or query. */
  readonly host: string;
  readonly to: HostState;
  /** Hosts of the backend that serve from now on; while there are none, all are tried in turn. */
  readonly active: number;
}

export const hostChannel = channel('floodgate:host');

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

export const storeChannel = channel('floodgate:store');

/** Published on the channel `floodgate:configuration` when limits were changed at run time. */
export interface ConfigurationChange {
  /** The options that differ from those before: `policies`, `routes`. */
  readonly changed: readonly string[];
}

export const configurationChannel = channel('floodgate:configuration');
