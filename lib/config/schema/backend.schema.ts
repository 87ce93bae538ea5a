import type { LookupFunction } from 'node:net';
import * as z from 'zod/mini';
import { ownLimit } from './backend-limit.schema.js';
import { circuitBreaker } from './circuit-breaker.schema.js';
import { concurrency } from './concurrency.schema.js';
import { fallback } from './call-options.schema.js';
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
import { hedge, retry, retryBudget } from './retry.schema.js';
import { tls } from './tls.schema.js';

const URLS = 'an absolute http or https URL such as "http://catalog:8080"';

/** One upstream service. */
export const backend = strictOptions(() => ({
  /** Base URLs, used in turn, skipping those that just failed to connect. */
  hosts: z
    .array(z.url({ protocol: /^https?$/, error: URLS }), {
      error: 'a list of base URLs',
    })
    .check(z.minLength(1, { error: 'at least one base URL' })),
  /** How a host is chosen among several: in turn, or the one with the fewest calls underway. Default round-robin. */
  loadBalancing: orDefault(
    z.enum(['round-robin', 'least-pending'], {
      error: '"round-robin" or "least-pending"',
    }),
    'round-robin',
  ),
  /** When a host that fails is passed over while others serve; false for never. Default: as below, where there are several hosts. */
  outlierDetection: withDefaults(outlierDetection),
  /** One bucket for all calls to the backend. Default: none. */
  rateLimit: z.optional(ownLimit),
  /** Bounds how many calls are underway at once. Default: no bound. */
  concurrency: z.optional(concurrency),
  /** Whether the backend's answers may pause or bound the calls to it: `true` for all signals, or an object. Default false. */
  listen: z.optional(listen),
  /** Stops sending to the backend while it fails. Default: none. */
  circuitBreaker: z.optional(circuitBreaker),
  /** The deadline of a call over queue, connect, headers and body together. Default 2s. */
  timeout: orDefault(timerDuration, 2000),
  /** The header in which calls say how much of their deadline is left: "grpc-timeout", or one in milliseconds such as "x-envoy-expected-rq-timeout-ms". Default: none is sent. */
  passDeadline: z.optional(fieldName),
  /** Refuses calls with less time left than the fastest answer of the last half minute took, before they cost a token. Default false. */
  refuseHopeless: orDefault(flag, false),
  /** Tries calls again that failed for reasons which may pass. Default: never. */
  retry: z.optional(retry),
  /** Asks again for safe reads that are slow, and takes the first answer. Default: never. */
  hedge: z.optional(hedge),
  /** What all retries and hedges of this backend may add to its calls. Default: as below. */
  retryBudget: withDefaults(retryBudget),
  /** What is answered where the backend does not. Default: its error. */
  fallback: z.optional(fallback),
  /** How long a new connection may take, with its name look-up and TLS. Default: until the deadline. */
  connectTimeout: z.optional(timerDuration),
  /** How long the response headers may take after the last byte of the request. Default: until the deadline. */
  responseHeaderTimeout: z.optional(timerDuration),
  /** What carries the calls: Node's own client, or undici's pools (the package `undici` 7), which do more calls a second. Default http. */
  transport: orDefault(
    z.enum(['http', 'undici'], { error: '"http" or "undici"' }),
    'http',
  ),
  /** Whether calls and their redirects may leave the backend's hosts, with their headers and credentials. Default false: such a call is an error. */
  allowOtherOrigins: orDefault(flag, false),
  /** The most bytes of an answer, unpacked, whether it is read whole or as a stream; a call may name its own, as with axios. Default 67108864, 64 MiB. */
  maxContentLength: orDefault(count, 67_108_864),
  /** Whether connections are kept for the next call. Default true. */
  keepAlive: orDefault(flag, true),
  /** Idle connections kept for each host; more are closed. Default 250. */
  maxIdleConnectionsPerHost: orDefault(count, 250),
  /** Idle connections kept in all. Default: no bound. */
  maxIdleConnections: z.optional(count),
  /** Connections open to each host; more calls queue. Default: no bound. */
  maxConnectionsPerHost: z.optional(count),
  /** How long a connection may idle. Default: for ever. */
  idleConnectionTimeout: z.optional(duration),
  /** A connection older than this serves no further call, so that a new address of the backend is found. Default: no bound. */
  maxConnectionAge: z.optional(duration),
  /** Certificates of https hosts. Default: as Node has them. */
  tls: z.optional(tls),
  /** Finds the addresses of a host name for each new connection. Default: `dns.lookup`. */
  lookup: z.optional(functionOf<LookupFunction>()),
}));

/** A backend as it is used; durations in milliseconds. */
export type BackendConfig = z.output<typeof backend>;
