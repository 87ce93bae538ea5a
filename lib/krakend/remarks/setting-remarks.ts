import { fieldOf, Section, sectionOf } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';

interface Setting {
  readonly field: string;
  /** What KrakenD does with it. */
  readonly does: string;
  /** Where to say the same of a Node application. */
  readonly instead: string;
}

/** Settings of the root that a Node application has elsewhere, or not at all. */
const SETTINGS: readonly Setting[] = [
  {
    field: 'max_header_bytes',
    does: 'Larger headers of a request are answered 431; the default is 1 MiB, that of Node 16 KiB.',
    instead:
      'Start Node with --max-http-header-size, or give maxHeaderSize to the HTTP server.',
  },
  {
    field: 'dialer_keep_alive',
    does: 'So often KrakenD probes an open TCP connection; the default is 15s.',
    instead:
      'Nothing: a backend that is gone shows at its deadline; idle connections end by idleConnectionTimeout.',
  },
  {
    field: 'dialer_fallback_delay',
    does: 'So long KrakenD waits for one family of addresses before it tries the other.',
    instead: 'Start Node with --network-family-autoselection-attempt-timeout.',
  },
  {
    field: 'dns_cache_ttl',
    does: 'So long KrakenD keeps what service discovery (sd: "dns") answered.',
    instead:
      'Give lookup to the backend, a function that remembers its answers.',
  },
];

/** Remarks on settings of the root that have no place in the options. */
export function remarkOnSettings(root: Section, place: Place): void {
  for (const { field, does, instead } of SETTINGS) {
    const value = fieldOf(root, field);
    if (value === undefined || value === null) continue;
    place.at(field).remark('setting-not-imported', {
      written: `${field}: ${shown(value)}`,
      enforced: `${does} It is not imported.`,
      fix: instead,
    });
  }
}

/** Remarks on the limit of older Enterprise editions, which is a plugin of the server. */
export function remarkOnRedisPlugin(extra: Section, place: Place): void {
  const plugins = sectionOf(fieldOf(extra, 'plugin/http-server')) ?? {};
  const settings = fieldOf(plugins, 'redis-ratelimit');
  if (settings === undefined) return;
  place
    .at('plugin/http-server')
    .at('redis-ratelimit')
    .remark('limit-not-imported', {
      written: `redis-ratelimit: ${shown(settings)}`,
      enforced:
        'Older Enterprise editions limit each client over all instances by it; others ignore it. It is not imported.',
      fix: 'Write service: { clientMaxRate: rate, clientCapacity: burst, every: period }, with the strategy that tokenizer means, and configure the Redis store.',
    });
}
