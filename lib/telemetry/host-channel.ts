import { channel } from 'node:diagnostics_channel';
import { HostState } from '../core/hosts/host-pool.js';

/** Published on the channel `floodgate:host` with each change of a host's state. */
export interface HostTransition {
  readonly backend: string;
  /** The origin of its base URL: no credentials, path or query. */
  readonly host: string;
  readonly to: HostState;
  /** Hosts of the backend that serve from now on; while there are none, all are tried in turn. */
  readonly active: number;
}

/** Free of cost while nobody subscribes (node:diagnostics_channel). */
export const hostChannel = channel('floodgate:host');
