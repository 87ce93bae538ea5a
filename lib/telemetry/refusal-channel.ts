import { channel } from 'node:diagnostics_channel';

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

/** Free of cost while nobody subscribes (node:diagnostics_channel). */
export const refusalChannel = channel('floodgate:refusal');
