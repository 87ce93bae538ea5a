import type { ExecutionContext } from '@nestjs/common';
import * as z from 'zod/mini';
import { lazy } from '../values.js';
import { count, duration, functionOf, name, rate } from './figures.js';

/** Returns the key of the caller; an empty result is a missing key. */
export type KeyFunction = (
  context: ExecutionContext,
) => string | undefined | Promise<string | undefined>;

/** Returns how many tokens a request costs: a finite number, 0 or more. */
export type CostFunction = (context: ExecutionContext) => number;

/** The outcome of a request, for `settle`. */
export interface RequestOutcome {
  readonly context: ExecutionContext;
  /** Tokens charged when the request came in. */
  readonly cost: number;
  /** The status of the response; absent over other transports, or if the caller disconnected first. */
  readonly status?: number;
  /** The size of the response body in bytes, from its Content-Length; absent without one. */
  readonly bytes?: number;
  /** The value that the handler returned, if it ran; of an observable, the last one. */
  readonly value?: unknown;
  /** The error that the handler threw, or the exception that ended it at its deadline. */
  readonly error?: unknown;
  /** Whether the caller disconnected before it got the response. */
  readonly callerLeft: boolean;
}

/** Returns the final cost of a request, which replaces its `cost`: a finite number, 0 or more. */
export type SettleFunction = (outcome: RequestOutcome) => number;

const STRATEGIES =
  '"ip", "header", "param" or a function of the execution context';
/** The strategies that identify clients before a route is known. */
export const SERVICE_STRATEGIES =
  '"ip", "header" or a function of the execution context';
const PLAIN_STRATEGIES = '"ip", "header" or "param"';
const COST = 'a number from 0, or a function of the execution context';
const PREFIX = 'a whole number from 1 to 128';

/** The rates and capacities of a limit. */
export const figuresShape = lazy(() => ({
  /** Tokens added per `every`, for all callers together. */
  maxRate: z.optional(rate),
  /** The largest burst, for all callers together. Default 1. */
  capacity: z.optional(count),
  /** Tokens added per `every`, for each client. */
  clientMaxRate: z.optional(rate),
  /** The largest burst of one client. Default 1. */
  clientCapacity: z.optional(count),
  /** The period of both rates. Default 1s. */
  every: z.optional(duration),
}));

/** Strategies as plain data, for limits created at run time. */
export const plainStrategy = z.optional(
  z.enum(['ip', 'header', 'param'], { error: PLAIN_STRATEGIES }),
);

/** Strategies for a limit that is decided before a route is known. */
export const serviceStrategy = z.optional(
  z.union([z.enum(['ip', 'header']), functionOf<KeyFunction>()], {
    error: SERVICE_STRATEGIES,
  }),
);

function keyMessage({ input }: { input?: unknown }): string {
  return typeof input === 'function'
    ? 'a name; for a function use `strategy: fn`'
    : 'a name';
}

/** How clients are identified. */
export const clientShape = lazy(() => ({
  /** How clients are identified. Default `ip`, the address that the framework trusts. */
  strategy: z.optional(
    z.union([z.enum(['ip', 'header', 'param']), functionOf<KeyFunction>()], {
      error: STRATEGIES,
    }),
  ),
  /** The header or route parameter that strategy `header` or `param` reads. */
  key: z.optional(
    // Not minLength: functions have a length too.
    z.string({ error: keyMessage }).check(z.regex(/[^]/, { error: 'a name' })),
  ),
  /** The prefix length, in bits, that identifies an IPv6 client. Default 64. */
  ipv6Prefix: z.optional(
    z
      .int({ error: PREFIX })
      .check(
        z.minimum(1, { error: PREFIX }),
        z.maximum(128, { error: PREFIX }),
      ),
  ),
  /** What to do with a request without a key. Default `reject`, with 429. */
  onMissingKey: z.optional(
    z.enum(['reject', 'skip'], { error: '"reject" or "skip"' }),
  ),
}));

/** A cost as plain data. */
export const plainCost = z.optional(
  z
    .number({ error: 'a number from 0' })
    .check(z.nonnegative({ error: 'a number from 0' })),
);

/** The cost of a request. */
export const chargeShape = lazy(() => ({
  /** Tokens that a request costs. Default 1. */
  cost: z.optional(
    z.union([z.number().check(z.nonnegative()), functionOf<CostFunction>()], {
      error: COST,
    }),
  ),
  /** Returns the final cost of a request, given its outcome; the difference is refunded or charged. Default: its `cost`. */
  settle: z.optional(functionOf<SettleFunction>()),
}));

/** The name of the limit in headers and problem documents. */
export const nameShape = lazy(() => ({
  /** The name of the limit in headers and problem documents. Default: `endpoint` and `client`, or `service`. */
  name: z.optional(name),
}));
