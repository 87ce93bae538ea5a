import { z } from 'zod';
import { backend } from './backend.schema.js';
import { count, durationOrZero, flag, name, timerDuration } from './figures.js';
import { policy, serviceLimit } from './router-limit.schema.js';
import { strictOptions } from './strict-options.js';

/** The codes of everything the library may remark about a configuration. */
export const findingCodes = [
  'capacity-default',
  'cost-above-capacity',
  'untrusted-proxy',
] as const;

/** The options of `ThrottleModule.forRoot`. */
export const throttleOptions = strictOptions({
  /** Deadline of every limited endpoint. Default: none. */
  timeout: timerDuration.optional(),
  /** One plan for the whole application, decided before any guard. */
  service: serviceLimit.optional(),
  /** Limits by name. */
  policies: z
    .record(name, policy, { error: 'an object of limits by name' })
    .default({}),
  /** Upstream services by name. */
  backends: z
    .record(name, backend, { error: 'an object of backends by name' })
    .default({}),
  /** What callers see of their quota. */
  headers: strictOptions({
    /** Version of the RateLimit fields, or false for none. Default draft-10. */
    rateLimit: z
      .union([z.literal('draft-10'), z.literal(false)], {
        error: '"draft-10" or false',
      })
      .default('draft-10'),
    /** Whether to send X-RateLimit-* as well. Default false. */
    xRateLimit: flag.default(false),
  }).prefault({}),
  /** The most clients that one limit keeps apart. Default 100000. */
  maxClients: count.default(100_000),
  /** Findings that should not be logged. */
  silenceFindings: z
    .array(
      z.enum(findingCodes, { error: `one of ${findingCodes.join(', ')}` }),
      {
        error: 'a list of finding codes',
      },
    )
    .default([]),
  /** Timeouts of Nest's HTTP server; "0s" for none. Default: as Node has them. */
  server: strictOptions({
    /** From the first byte of a request to the last of its body. */
    readTimeout: durationOrZero.optional(),
    /** From the first byte of a request to the end of its headers. */
    readHeaderTimeout: durationOrZero.optional(),
    /** A connection on which an answer makes no progress. */
    writeTimeout: durationOrZero.optional(),
    /** A kept-alive connection between two requests. */
    idleTimeout: durationOrZero.optional(),
  }).optional(),
});

/** What `ThrottleModule.forRoot` takes. */
export type ThrottleOptions = z.input<typeof throttleOptions>;
/** What the options say, with durations in milliseconds and defaults filled in. */
export type ThrottleConfig = z.output<typeof throttleOptions>;
/** The code of a finding. */
export type FindingCode = (typeof findingCodes)[number];
