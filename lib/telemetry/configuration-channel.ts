import { channel } from 'node:diagnostics_channel';

/** Published on the channel `floodgate:configuration` when limits were changed at run time. */
export interface ConfigurationChange {
  /** The options that differ from those before: `policies`, `routes`. */
  readonly changed: readonly string[];
}

/** Free of cost while nobody subscribes (node:diagnostics_channel). */
export const configurationChannel = channel('floodgate:configuration');
