import * as z from 'zod/mini';
import { RefusalBodyFunction } from '../../http/problem.js';
import { backend } from './backend.schema.js';
import { byName, orDefault, strictOptions } from './strict-options.js';
import { mode, phase } from './choice-fields.js';
import {
  count,
  durationOrZero,
  fieldName,
  flag,
  functionOf,
  timerDuration,
} from './figures.js';
import { policy, serviceLimit } from './router-limit.schema.js';
import { routes } from './route.schema.js';
import { store } from './store.schema.js';

/** The codes of all findings on a configuration. */
export const findingCodes = [
  'capacity-default',
  'cost-above-capacity',
  'client-above-endpoint',
  'forgeable-key',
  'tiers-without-otherwise',
  'repeated-limit',
  'limit-left-out',
  'unused-policy',
  'limit-without-handler',
  'skip-without-limit',
  'second-limiter',
  'too-many-limits',
  'untrusted-proxy',
  'every-proxy-trusted',
  'no-address',
  'key-not-text',
  'cache-before-limit',
  'route-without-handler',
  'handler-without-route',
  'handler-with-several-routes',
  'field-without-interceptors',
] as const;

/** The supported drafts of the RateLimit headers. */
export const fieldVersions = ['draft-10', 'draft-11'] as const;

/** The options of `ThrottleModule.forRoot`. */
export const throttleOptions = strictOptions(
  () => ({
    /** Deadline of every limited endpoint. Default: none. */
    timeout: z.optional(timerDuration),
    /** The request header that carries the caller's deadline: "grpc-timeout", or one in milliseconds such as "x-envoy-expected-rq-timeout-ms". It can shorten a deadline, never lengthen it. Default: no header is read. */
    deadlineHeader: z.optional(fieldName),
    /** Whether to abort the backend calls of a request when its caller disconnects. Default true. */
    cancelWithCaller: orDefault(flag, true),
    /** A limit for every request to the application, decided before any guard. */
    service: z.optional(serviceLimit),
    /** Limits by name. */
    policies: orDefault(byName(policy, 'an object of limits by name'), {}),
    /** Whether router limits refuse requests: `audit` only decides and counts. A limit may override it. Default `enforce`. */
    mode: orDefault(mode, 'enforce'),
    /** The default phase of limits: `edge`, before body parsing and guards, or `interceptor`, after guards. Default `interceptor`. */
    phase: orDefault(phase, 'interceptor'),
    /** Limits by method and path, for handlers with `@RouterRateLimit()` without arguments. */
    routes: orDefault(routes, {}),
    /** Upstream services by name. */
    backends: orDefault(byName(backend, 'an object of backends by name'), {}),
    /** Response headers that tell callers about their quota. */
    headers: z.prefault(
      strictOptions(() => ({
        /** Draft of the RateLimit headers, or false for none. Drafts 10 and 11 produce the same bytes. Default draft-10. */
        rateLimit: orDefault(
          z.union([z.enum(fieldVersions), z.literal(false)], {
            error: `${fieldVersions.map((version) => `"${version}"`).join(', ')} or false`,
          }),
          'draft-10',
        ),
        /** Whether to send X-RateLimit-* as well. Default false. */
        xRateLimit: orDefault(flag, false),
      })),
      {},
    ),
    /** Returns a custom body for refusals, in every phase and transport that has a body. Status and headers stay the same. Default: a problem document. */
    refusalBody: z.optional(functionOf<RefusalBodyFunction>()),
    /** Where counters are kept: `redisStore({ … })` from `nestjs-floodgate/redis` shares them among all instances. Default: in memory, per instance. */
    store: z.optional(store),
    /** The maximum number of clients that all limits together track in memory; a single limit tracks half as many. Default 200000. */
    maxClients: orDefault(count, 200_000),
    /** Codes of findings that are not logged. */
    silenceFindings: orDefault(
      z.array(
        z.enum(findingCodes, { error: `one of ${findingCodes.join(', ')}` }),
        {
          error: 'a list of finding codes',
        },
      ),
      [],
    ),
    /** Timeouts of Nest's HTTP server; "0s" disables one. Default: Node's own. */
    server: z.optional(
      strictOptions(() => ({
        /** From the first byte of a request to the last byte of its body. Default: the server's own. */
        readTimeout: z.optional(durationOrZero),
        /** From the first byte of a request to the end of its headers. Default: the server's own. */
        readHeaderTimeout: z.optional(durationOrZero),
        /** How long a connection may be silent while a request is in progress: a client that does not read the response, a slow handler, a stalled upload (Node's `server.timeout`). Default: the server's own. */
        writeTimeout: z.optional(durationOrZero),
        /** How long a kept-alive connection may idle between two requests. Default: the server's own. */
        idleTimeout: z.optional(durationOrZero),
      })),
    ),
  }),
  z.superRefine(({ store, backends }, ctx) => {
    if (store) return;
    for (const [name, backend] of Object.entries(backends)) {
      const { rateLimit, circuitBreaker } = backend;
      const sharing = [
        {
          path: ['rateLimit', 'shared'],
          input: rateLimit?.shared || undefined,
        },
        { path: ['circuitBreaker', 'hints'], input: circuitBreaker?.hints },
      ];
      for (const { path, input } of sharing) {
        if (input === undefined) continue;
        ctx.addIssue({
          code: 'custom',
          path: ['backends', name, ...path],
          message: 'only where a `store` is configured',
          input,
        });
      }
    }
  }),
);

/** The options of `ThrottleModule.forRoot`, as configured. */
export type ThrottleOptions = z.input<typeof throttleOptions>;
/** The validated options: durations in milliseconds, defaults filled in. */
export type ThrottleConfig = z.output<typeof throttleOptions>;
/** A draft of the RateLimit headers. */
export type FieldVersion = (typeof fieldVersions)[number];
/** The code of a finding. */
export type FindingCode = (typeof findingCodes)[number];
