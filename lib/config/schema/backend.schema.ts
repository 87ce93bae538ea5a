import type { LookupFunction } from 'node:net';
import * as z from 'zod/mini';
import { ownLimit } from './backend-limit.schema.js';
import { circuitBreaker } from './circuit-breaker.schema.js';
import { concurrency } from './concurrency.schema.js';
import { fallbackOptions } from './call-options.schema.js';
import {
  count,
  duration,
  fieldName,
  flag,
  functionOf,
  timerDuration,
} from './figures.js';
import { orDefault, strictOptions, withDefaults } from './strict-options.js';
import { outlierDetection } from './outlier-detection.schema.js';
import { listen } from './listen.schema.js';
import { hedgeOptions, retryOptions, retryBudget } from './retry.schema.js';
import { tls } from './tls.schema.js';

const URLS = 'an absolute http or https URL such as "http://catalog:8080"';

/** One upstream service. */
export const backend = strictOptions(() => ({
  /** Base URLs, used in turn; hosts that just failed to connect are skipped. */
  hosts: z
    .array(z.url({ protocol: /^https?$/, error: URLS }), {
      error: 'a list of base URLs',
    })
    .check(z.minLength(1, { error: 'at least one base URL' })),
  /** How a host is chosen among several: in turn, or the one with the fewest calls in flight. Default round-robin. */
  loadBalancing: orDefault(
    z.enum(['round-robin', 'least-pending'], {
      error: '"round-robin" or "least-pending"',
    }),
    'round-robin',
  ),
  /** When a failing host is ejected while others serve; false for never. Default: as below, where there are several hosts. */
  outlierDetection: withDefaults(outlierDetection),
  /** One bucket for all calls to the backend. Default: none. */
  rateLimit: z.optional(ownLimit),
  /** Limits how many calls are in flight at once. Default: no limit. */
  concurrency: z.optional(concurrency),
  /** Whether responses of the backend may pause or slow the calls to it: `true` for all signals, or an object. Default false. */
  listen: z.optional(listen),
  /** Stops sending to the backend while it fails. Default: none. */
  circuitBreaker: z.optional(circuitBreaker),
  /** The deadline of a call: queue, connect, headers and body together. Default 2s. */
  timeout: orDefault(timerDuration, 2000),
  /** The request header that tells the backend how much time is left: "grpc-timeout", or one in milliseconds such as "x-envoy-expected-rq-timeout-ms". Default: no header is sent. */
  passDeadline: z.optional(fieldName),
  /** Refuses a call whose remaining time is shorter than the fastest response of the last 30 s, before it costs a token. Default false. */
  refuseHopeless: orDefault(flag, false),
  /** Retries calls that failed for transient reasons. Default: no retries. */
  retry: z.optional(retryOptions),
  /** Sends a second request for safe reads that are slow, and uses the first response. Default: no hedging. */
  hedge: z.optional(hedgeOptions),
  /** How many extra calls all retries and hedges of this backend may make. Default: as below. */
  retryBudget: withDefaults(retryBudget),
  /** What to return when the backend fails. Default: throw its error. */
  fallback: z.optional(fallbackOptions),
  /** How long a new connection may take, including DNS and TLS. Default: until the deadline. */
  connectTimeout: z.optional(timerDuration),
  /** How long the response headers may take after the last byte of the request. Default: until the deadline. */
  responseHeaderTimeout: z.optional(timerDuration),
  /** The HTTP client: Node's own, or undici's pools (the package `undici` 7), which make more calls per second. Default http. */
  transport: orDefault(
    z.enum(['http', 'undici'], { error: '"http" or "undici"' }),
    'http',
  ),
  /** Whether calls and their redirects may leave the backend's hosts, with their headers and credentials. Default false: such a call is an error. */
  allowOtherOrigins: orDefault(flag, false),
  /** The maximum size of a response in bytes, after decompression, whether read whole or as a stream. A call may set its own, as with axios. Default 67108864, 64 MiB. */
  maxContentLength: orDefault(count, 67_108_864),
  /** Whether connections are reused. Default true. */
  keepAlive: orDefault(flag, true),
  /** The maximum number of idle connections per host. Default 250. */
  maxIdleConnectionsPerHost: orDefault(count, 250),
  /** The maximum number of idle connections in total. Default: no limit. */
  maxIdleConnections: z.optional(count),
  /** The maximum number of connections per host; further calls queue. Default: no limit. */
  maxConnectionsPerHost: z.optional(count),
  /** How long a connection may idle. Default: no limit. */
  idleConnectionTimeout: z.optional(duration),
  /** The maximum age of a connection: an older one serves no further call, so that DNS changes take effect. Default: no limit. */
  maxConnectionAge: z.optional(duration),
  /** TLS settings for https hosts. Default: Node's own. */
  tls: z.optional(tls),
  /** Resolves host names for new connections. Default: `dns.lookup`. */
  lookup: z.optional(functionOf<LookupFunction>()),
}));

/** A validated backend; durations in milliseconds. */
export type BackendConfig = z.output<typeof backend>;
