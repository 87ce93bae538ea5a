import type { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { durationText } from '../../config/words/duration-text.js';
import { fieldOf, Section } from '../enforced/go-value.js';
import { Place } from '../place.js';
import { durationAt, timeoutText } from './durations.js';

export type BackendOptions = NonNullable<ThrottleOptions['backends']>[string];
export type PoolOptions = Partial<Omit<BackendOptions, 'hosts'>>;

/** What the file says of connections to backends, for each of them alike. */
export function poolOptions(root: Section, place: Place): PoolOptions {
  const connectNs = durationAt(root, 'dialer_timeout', place) ?? 0n;
  const headersNs = durationAt(root, 'response_header_timeout', place) ?? 0n;
  const idleNs = durationAt(root, 'idle_connection_timeout', place) ?? 0n;
  const perHost = wholeAt(root, 'max_idle_connections_per_host');
  const inAll = wholeAt(root, 'max_idle_connections');
  const keepAlive =
    fieldOf(root, 'disable_keep_alives') !== true && perHost >= 0;
  return {
    ...(keepAlive ? {} : { keepAlive }),
    ...(perHost > 0 ? { maxIdleConnectionsPerHost: perHost } : {}),
    ...(inAll > 0 ? { maxIdleConnections: inAll } : {}),
    ...(connectNs > 0n ? { connectTimeout: timeoutText(connectNs) } : {}),
    ...(headersNs > 0n
      ? { responseHeaderTimeout: timeoutText(headersNs) }
      : {}),
    ...(idleNs > 0n ? { idleConnectionTimeout: durationText(idleNs) } : {}),
  };
}

/** A whole number; a text of digits counts, as it does for KrakenD at the root. */
function wholeAt(root: Section, field: string): number {
  const value = fieldOf(root, field);
  const number =
    typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) return 0;
  const bound = Number.MAX_SAFE_INTEGER;
  return Math.trunc(Math.min(bound, Math.max(-bound, number)));
}
