import type { CreateAxiosDefaults } from 'axios';
import { BackendConfig } from '../../config/schema/backend.schema.js';

/** What carries the calls of one backend: connections of its own, shared with no other. */
export interface Transport {
  /** The axios defaults that send calls over it. */
  readonly defaults: CreateAxiosDefaults;
  /** Closes every connection. */
  close(): void;
}

/**
 * Opens a transport.
 *
 * @param failedToConnect told the address, `catalog:8080`, of each connection that could not be made
 */
export type OpenTransport = (
  config: BackendConfig,
  failedToConnect: (address: string) => void,
) => Transport;
