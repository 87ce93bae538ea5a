import type { ExecutionContext } from '@nestjs/common';
import * as z from 'zod/mini';
import { lazy } from '../values.js';
import { count, duration, functionOf, name, rate } from './figures.js';

/** Tells who is calling; an empty answer is a missing key. */
export type KeyFunction = (
  context: ExecutionContext,
) => string | undefined | Promise<string | undefined>;

/** Tells how many tokens a request costs; a finite number from 0. */
export type CostFunction = (context: ExecutionContext) => number;

/** How a request ended, for `settle`. */
export interface RequestOutcome {
  readonly context: ExecutionContext;
  /** Tokens it was charged when it came. */
  readonly cost: number;
  /** The status of the answer; none over other transports, or when the caller left before it. */
  readonly status?: number;
  /** Bytes of the answer's body as its Content-Length tells them; none where it has none. */
  readonly bytes?: number;
  /** What the handler answered, if it ran: the last value of an observable. */
  readonly value?: unknown;
  /** What the handler threw, or the exception that ended it at its deadline. */
  readonly error?: unknown;
  /** Whether the caller hung up before it had its answer. */
  readonly callerLeft: boolean;
}

/** Tells what a request cost in the end, in place of its `cost`; a finite number from 0. */
export type SettleFunction = (outcome: RequestOutcome) => number;

const STRATEGIES =
  '"ip", "header", "param" or a function of the execution context';
/** What tells clients apart before a route is known. */
export const SERVICE_STRATEGIES =
  '"ip", "header" or a function of the execution context';
const PLAIN_STRATEGIES = '"ip", "header" or "param"';
const COST = 'a number from 0, or a function of the execution context';
const PREFIX = 'a whole number from 1 to 128';

/** How much may pass. */
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

/** Strategies that are data alone, for limits that are made while requests run. */
export const plainStrategy = z.optional(
  z.enum(['ip', 'header', 'param'], { error: PLAIN_STRATEGIES }),
);

/** Strategies of a limit that is decided before a route is known. */
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

/** Who is asking. */
export const clientShape = lazy(() => ({
  /** How clients are identified. Default `ip`, the address that the framework trusts. */
  strategy: z.optional(
    z.union([z.enum(['ip', 'header', 'param']), functionOf<KeyFunction>()], {
      error: STRATEGIES,
    }),
  ),
  /** The header or route parameter that strategy `header` or `param` reads. */
  key: z.optional(
    // Not minLength: a function has a length too.
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

/** A cost that is data alone. */
export const plainCost = z.optional(
  z
    .number({ error: 'a number from 0' })
    .check(z.nonnegative({ error: 'a number from 0' })),
);

/** What a request is charged. */
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
