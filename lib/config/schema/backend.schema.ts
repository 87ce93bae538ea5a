import type { AxiosError, AxiosResponse } from 'axios';
import { z } from 'zod';
import {
  count,
  duration,
  durationOrZero,
  flag,
  functionOf,
  name,
  rate,
  timerDuration,
} from './figures.js';
import { LIMIT_FORMS, limitText } from './limit-text.js';
import { strictOptions } from './strict-options.js';

/** Tells whether an answer or an error is a failure of the backend. */
export type FailureFunction = (
  answer: AxiosResponse | undefined,
  error: AxiosError | undefined,
) => boolean;

const URLS = 'an absolute http or https URL such as "http://catalog:8080"';

/** A cap on what is sent to a backend. */
export const backendLimit = z.union(
  [
    limitText,
    strictOptions({
      /** Calls per `every`. */
      maxRate: rate,
      /** The largest burst. Default 1. */
      capacity: count.optional(),
      /** The window of `maxRate`. Default 1s. */
      every: duration.default(1000),
    }).transform(({ every, ...limit }) => ({ ...limit, everyMs: every })),
  ],
  { error: LIMIT_FORMS },
);

const circuitBreaker = strictOptions({
  /** Failures in a row that open the breaker. */
  maxErrors: count,
  /** Counts older than this are dropped; "0s" keeps them for ever. Default 0s. */
  interval: durationOrZero.default(0),
  /** How long it stays open. Default 60s. */
  timeout: duration.default(60_000),
  /** Its name in logs. Default: the backend's. */
  name: name.optional(),
  /** Logs each change of state as a warning. Default false. */
  logStatusChange: flag.default(false),
  /** How it finds out whether the backend has recovered. */
  halfOpen: strictOptions({
    /** Probes let through, and successes in a row that close it. Default 1. */
    permits: count.default(1),
    /** Half-open without a verdict for this long opens again. Default 60s. */
    maxDuration: duration.default(60_000),
  }).prefault({}),
  /** Which answers and errors are failures. Default: transport errors, timeouts and 5xx. */
  isFailure: functionOf<FailureFunction>().optional(),
});

/** One upstream service. */
export const backend = strictOptions({
  /** Base URLs, used in turn, skipping those that just failed to connect. */
  hosts: z
    .array(z.url({ protocol: /^https?$/, error: URLS }), {
      error: 'a list of base URLs',
    })
    .min(1, { error: 'at least one base URL' }),
  /** One bucket for all calls to the backend. */
  rateLimit: backendLimit.optional(),
  /** Stops sending to the backend while it fails. */
  circuitBreaker: circuitBreaker.optional(),
  /** The deadline of a call over queue, connect, headers and body together. Default 2s. */
  timeout: timerDuration.default(2000),
  /** What carries the calls: Node's own client, or undici's pools (the package `undici` 7), which do more calls a second. Default http. */
  transport: z
    .enum(['http', 'undici'], { error: '"http" or "undici"' })
    .default('http'),
  /** Whether connections are kept for the next call. Default true. */
  keepAlive: flag.default(true),
  /** Idle connections kept for each host; more are closed. Default 250. */
  maxIdleConnectionsPerHost: count.default(250),
  /** Idle connections kept in all. Default: no bound. */
  maxIdleConnections: count.optional(),
  /** Connections open to each host; more calls queue. Default: no bound. */
  maxConnectionsPerHost: count.optional(),
  /** How long a connection may idle. Default: for ever. */
  idleConnectionTimeout: duration.optional(),
}).superRefine(({ transport, maxIdleConnections }, ctx) => {
  if (transport === 'http' || maxIdleConnections === undefined) return;
  ctx.addIssue({
    code: 'custom',
    path: ['maxIdleConnections'],
    message: 'only with transport "http"',
    input: maxIdleConnections,
  });
});

/** A backend limit as it is written. */
export type BackendLimitOptions = z.input<typeof backendLimit>;
/** A backend limit as it is used. */
export type BackendLimit = z.output<typeof backendLimit>;
/** A breaker as it is used. */
export type BreakerConfig = z.output<typeof circuitBreaker>;
/** A backend as it is used; durations in milliseconds. */
export type BackendConfig = z.output<typeof backend>;
