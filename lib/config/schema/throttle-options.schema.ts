import * as z from 'zod/mini';
import { RefusalBodyFunction } from '../../problem/refusal-body.js';
import { backend } from './backend.schema.js';
import { byName } from './by-name.js';
import { mode, phase } from './choice-fields.js';
import {
  count,
  durationOrZero,
  fieldName,
  flag,
  functionOf,
  timerDuration,
} from './figures.js';
import { orDefault } from './or-default.js';
import { policy, serviceLimit } from './router-limit.schema.js';
import { routes } from './route.schema.js';
import { store } from './store.schema.js';
import { strictOptions } from './strict-options.js';

/** The codes of everything the library may remark about a configuration. */
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

/** The drafts of the RateLimit fields that the library writes. */
export const fieldVersions = ['draft-10', 'draft-11'] as const;

/** The options of `ThrottleModule.forRoot`. */
export const throttleOptions = strictOptions(
  () => ({
    /** Deadline of every limited endpoint. Default: none. */
    timeout: z.optional(timerDuration),
    /** The header in which callers say how long they wait: "grpc-timeout", or one in milliseconds such as "x-envoy-expected-rq-timeout-ms". It shortens deadlines and never lengthens them. Default: none is read. */
    deadlineHeader: z.optional(fieldName),
    /** Whether the backend calls of a request end when its caller hangs up. Default true. */
    cancelWithCaller: orDefault(flag, true),
    /** One plan for the whole application, decided before any guard. */
    service: z.optional(serviceLimit),
    /** Limits by name. */
    policies: orDefault(byName(policy, 'an object of limits by name'), {}),
    /** Whether refusals of router limits are carried out: `audit` decides and counts only. A limit may say otherwise for itself. Default `enforce`. */
    mode: orDefault(mode, 'enforce'),
    /** Where limits are decided that name no phase: `edge`, before body parsing and guards, or `interceptor`, after guards. Default `interceptor`. */
    phase: orDefault(phase, 'interceptor'),
    /** Limits of routes by method and path, for handlers under `@RouterRateLimit()` without arguments. */
    routes: orDefault(routes, {}),
    /** Upstream services by name. */
    backends: orDefault(byName(backend, 'an object of backends by name'), {}),
    /** What callers see of their quota. */
    headers: z.prefault(
      strictOptions(() => ({
        /** Version of the RateLimit fields, or false for none; drafts 10 and 11 are the same bytes. Default draft-10. */
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
    /** Returns the application's own body for refusals of every phase and transport that has one; status and header fields stay. Default: a problem document. */
    refusalBody: z.optional(functionOf<RefusalBodyFunction>()),
    /** Where limits are counted: `redisStore({ … })` of `nestjs-floodgate/redis` counts for all instances. Default: in memory, each instance for itself. */
    store: z.optional(store),
    /** The most clients that all limits together keep apart in memory; one limit alone keeps half as many. Default 200000. */
    maxClients: orDefault(count, 200_000),
    /** Findings that should not be logged. */
    silenceFindings: orDefault(
      z.array(
        z.enum(findingCodes, { error: `one of ${findingCodes.join(', ')}` }),
        {
          error: 'a list of finding codes',
        },
      ),
      [],
    ),
    /** Timeouts of Nest's HTTP server; "0s" for none. Default: as Node has them. */
    server: z.optional(
      strictOptions(() => ({
        /** From the first byte of a request to the last of its body. Default: as the server has it. */
        readTimeout: z.optional(durationOrZero),
        /** From the first byte of a request to the end of its headers. Default: as the server has it. */
        readHeaderTimeout: z.optional(durationOrZero),
        /** A connection on which no byte moves while a request is underway: an answer that its client does not take, a handler that is silent, an upload that falls silent (Node's `server.timeout`). Default: as the server has it. */
        writeTimeout: z.optional(durationOrZero),
        /** A kept-alive connection between two requests. Default: as the server has it. */
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

/** What `ThrottleModule.forRoot` takes. */
export type ThrottleOptions = z.input<typeof throttleOptions>;
/** What the options say, with durations in milliseconds and defaults filled in. */
export type ThrottleConfig = z.output<typeof throttleOptions>;
/** A draft of the RateLimit fields. */
export type FieldVersion = (typeof fieldVersions)[number];
/** The code of a finding. */
export type FindingCode = (typeof findingCodes)[number];
