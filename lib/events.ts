import { channel } from 'node:diagnostics_channel';
import { BreakerState } from './core/breaker/circuit-breaker.js';
import { HostState } from './core/hosts/host-pool.js';

// Events are published on node:diagnostics_channel; a channel without subscribers costs nothing.

/** Published on the channel `floodgate:refusal` for each request that a router limit refuses, or would refuse in audit mode. */
export interface RefusalEvent {
  /** `catalog.CatalogController.find`, or `service`. */
  readonly route: string;
  /** The names of the limits that refused the request. */
  readonly policies: readonly string[];
  /** `audit`: the request was let through. */
  readonly mode: 'enforce' | 'audit';
  /** The HTTP status of the refusal: 429, 503 or 403. */
  readonly status: number;
  /** Milliseconds until a retry can succeed; `undefined` if that is unknown or never. */
  readonly retryAfterMs: number | undefined;
}

export const refusalChannel = channel('floodgate:refusal');

/** Published on the channel `floodgate:breaker` for each state change of a breaker. */
export interface BreakerTransition {
  readonly backend: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

export const breakerChannel = channel('floodgate:breaker');

/** Published on the channel `floodgate:host` for each state change of a host. */
export interface HostTransition {
  readonly backend: string;
  /** The origin of its base URL, without credentials, path or query. */
  readonly host: string;
  readonly to: HostState;
  /** The number of the backend's hosts now in rotation; at 0, all are tried in turn. */
  readonly active: number;
}

export const hostChannel = channel('floodgate:host');

/** Published on the channel `floodgate:store` when a node of the shared store stops responding, and when it responds again. */
export interface StoreTransition {
  /** The node's address in a Redis Cluster; otherwise empty. */
  readonly node: string;
  readonly state: 'up' | 'down';
  /** Who decides requests from now on. */
  readonly decidedBy: 'redis' | 'local' | 'open' | 'closed';
  /** Why the node is down. */
  readonly reason?: string;
}

export const storeChannel = channel('floodgate:store');

/** Published on the channel `floodgate:configuration` when limits change at run time. */
export interface ConfigurationChange {
  /** The names of the changed options, such as `policies` and `routes`. */
  readonly changed: readonly string[];
}

export const configurationChannel = channel('floodgate:configuration');
