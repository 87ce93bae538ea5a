import type { ExecutionContext } from '@nestjs/common';
import { z } from 'zod';
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
export const figuresShape = {
  /** Tokens per `every` for all callers together. */
  maxRate: rate.optional(),
  /** The largest burst of all callers together. Default 1. */
  capacity: count.optional(),
  /** Tokens per `every` for each client apart. */
  clientMaxRate: rate.optional(),
  /** The largest burst of one client. Default 1. */
  clientCapacity: count.optional(),
  /** The window of both rates. Default 1s. */
  every: duration.optional(),
};

/** Strategies that are data alone, for limits that are made while requests run. */
export const plainStrategy = z
  .enum(['ip', 'header', 'param'], { error: PLAIN_STRATEGIES })
  .optional();

/** Strategies of a limit that is decided before a route is known. */
export const serviceStrategy = z
  .union([z.enum(['ip', 'header']), functionOf<KeyFunction>()], {
    error: SERVICE_STRATEGIES,
  })
  .optional();

/** Who is asking. */
export const clientShape = {
  /** Who a client is. Default `ip`, the framework's trusted address. */
  strategy: z
    .union([z.enum(['ip', 'header', 'param']), functionOf<KeyFunction>()], {
      error: STRATEGIES,
    })
    .optional(),
  /** The header or route parameter that strategy `header` or `param` reads. */
  key: z.string({ error: 'a name' }).min(1, { error: 'a name' }).optional(),
  /** Bits of an IPv6 address that make one client. Default 64. */
  ipv6Prefix: z
    .int({ error: PREFIX })
    .min(1, { error: PREFIX })
    .max(128, { error: PREFIX })
    .optional(),
  /** What to do with a request without a key. Default `reject`, with 429. */
  onMissingKey: z
    .enum(['reject', 'skip'], { error: '"reject" or "skip"' })
    .optional(),
};

/** A cost that is data alone. */
export const plainCost = z
  .number({ error: 'a number from 0' })
  .nonnegative({ error: 'a number from 0' })
  .optional();

/** What a request is charged. */
export const chargeShape = {
  /** Tokens one request costs. Default 1. */
  cost: z
    .union([z.number().nonnegative(), functionOf<CostFunction>()], {
      error: COST,
    })
    .optional(),
  /** What the request cost in the end, told by its outcome: the difference is given back or charged. Default: its `cost`. */
  settle: functionOf<SettleFunction>().optional(),
};

/** Names the limit in header fields and problem documents. */
export const nameShape = {
  /** Names the limit in header fields and problem documents. Default: `endpoint` and `client`, or `service`. */
  name: name.optional(),
};
