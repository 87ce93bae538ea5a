import type { ExecutionContext } from '@nestjs/common';
import { z } from 'zod';
import {
  count,
  duration,
  flag,
  functionOf,
  name,
  rate,
  timerDuration,
} from './figures.js';
import { LIMIT_FORMS, limitText } from './limit-text.js';
import { strictOptions } from './strict-options.js';

/** Tells who is calling; an empty answer is a missing key. */
export type KeyFunction = (
  context: ExecutionContext,
) => string | undefined | Promise<string | undefined>;

/** Tells how many tokens a request costs; a finite number from 0. */
export type CostFunction = (context: ExecutionContext) => number;

const STRATEGIES =
  '"ip", "header", "param" or a function of the execution context';
const SERVICE_STRATEGIES =
  '"ip", "header" or a function of the execution context';
const COST = 'a number from 0, or a function of the execution context';

const limitShape = {
  /** Tokens per `every` for all callers together. */
  maxRate: rate.optional(),
  /** The largest burst of all callers together. Default 1. */
  capacity: count.optional(),
  /** Tokens per `every` for each client apart. */
  clientMaxRate: rate.optional(),
  /** The largest burst of one client. Default 1. */
  clientCapacity: count.optional(),
  /** The window of both rates. Default 1s. */
  every: duration.default(1000),
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
    .int({ error: 'a whole number from 1 to 128' })
    .min(1, { error: 'a whole number from 1 to 128' })
    .max(128, { error: 'a whole number from 1 to 128' })
    .optional(),
  /** What to do with a request without a key. Default `reject`, with 429. */
  onMissingKey: z
    .enum(['reject', 'skip'], { error: '"reject" or "skip"' })
    .optional(),
  /** Tokens one request costs. Default 1. */
  cost: z
    .union([z.number().nonnegative(), functionOf<CostFunction>()], {
      error: COST,
    })
    .default(1),
};

/** Names the limit in header fields and problem documents. Default: `endpoint` and `client`, or `service`. */
const nameShape = { name: name.optional() };

/** Deadline of the endpoint, over that of the application. */
const timeoutShape = { timeout: timerDuration.optional() };

type LimitFields = z.output<z.ZodObject<typeof limitShape>> & {
  timeout?: number;
};

/** The rules that hold between the fields of one limit. */
function checkTogether(limit: LimitFields, ctx: z.RefinementCtx): void {
  const fault = (path: string, message: string, input: unknown) =>
    ctx.addIssue({ code: 'custom', path: [path], message, input });

  const hasClient = limit.clientMaxRate !== undefined;
  if (limit.maxRate === undefined && !hasClient) {
    fault('maxRate', 'maxRate, clientMaxRate or both', undefined);
  }
  if (limit.capacity !== undefined && limit.maxRate === undefined) {
    fault('capacity', 'only together with maxRate', limit.capacity);
  }
  for (const field of clientFields) {
    if (limit[field] !== undefined && !hasClient) {
      fault(field, 'only together with clientMaxRate', limit[field]);
    }
  }
  if (!hasClient) return;
  const needsKey = limit.strategy === 'header' || limit.strategy === 'param';
  if (needsKey && limit.key === undefined) {
    fault('key', `the name of the ${String(limit.strategy)}`, undefined);
  }
  if (!needsKey && limit.key !== undefined) {
    fault('key', 'only with strategy "header" or "param"', limit.key);
  }
}

const clientFields = [
  'clientCapacity',
  'strategy',
  'key',
  'ipv6Prefix',
  'onMissingKey',
] as const;

function inMilliseconds<Limit extends LimitFields>(limit: Limit) {
  const { every, timeout, ...rest } = limit;
  return { ...rest, everyMs: every, timeoutMs: timeout };
}

const textAsLimit = limitText.transform((limit) => ({
  ...limit,
  cost: 1 as number | CostFunction,
}));

/** A limit as a decorator takes it. */
export const routerLimit = z.union(
  [
    textAsLimit,
    strictOptions({ ...nameShape, ...limitShape, ...timeoutShape })
      .superRefine(checkTogether)
      .transform(inMilliseconds),
  ],
  { error: LIMIT_FORMS },
);

/** A limit with a name of its own in `policies`, which handlers may share. */
export const policy = z.union(
  [
    textAsLimit,
    strictOptions({
      ...limitShape,
      ...timeoutShape,
      /** All who name the policy draw from the same buckets. Default false. */
      shared: flag.default(false),
    })
      .superRefine(checkTogether)
      .transform(inMilliseconds),
  ],
  { error: LIMIT_FORMS },
);

/** The limit of the whole application: decided before a route is known, so it has neither route parameters nor a deadline. */
export const serviceLimit = z.union(
  [
    textAsLimit,
    strictOptions({
      ...nameShape,
      ...limitShape,
      strategy: z
        .union([z.enum(['ip', 'header']), functionOf<KeyFunction>()], {
          error: SERVICE_STRATEGIES,
        })
        .optional(),
    })
      .superRefine(checkTogether)
      .transform(inMilliseconds),
  ],
  { error: LIMIT_FORMS },
);

/** A limit as it is written. */
export type RouterLimitOptions = z.input<typeof routerLimit>;

/** A limit as it is used: durations in milliseconds, defaults filled in except the capacities. */
export interface RouterLimit {
  name?: string;
  maxRate?: number;
  capacity?: number;
  clientMaxRate?: number;
  clientCapacity?: number;
  everyMs: number;
  strategy?: 'ip' | 'header' | 'param' | KeyFunction;
  key?: string;
  ipv6Prefix?: number;
  onMissingKey?: 'reject' | 'skip';
  cost: number | CostFunction;
  timeoutMs?: number;
}

/** A policy as it is used. */
export interface Policy extends RouterLimit {
  shared?: boolean;
}
