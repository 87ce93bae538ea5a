import * as z from 'zod/mini';
import { lazy } from '../values.js';
import {
  AccessList,
  choiceShape,
  modeShape,
  phaseShape,
  ResolveFunction,
  TierFields,
  TierKey,
} from './choice-fields.js';
import { flag, timerDuration } from './figures.js';
import {
  chargeShape,
  clientShape,
  CostFunction,
  figuresShape,
  KeyFunction,
  nameShape,
  SERVICE_STRATEGIES,
  serviceStrategy,
  SettleFunction,
} from './limit-fields.js';
import { checkChoice, LimitFigures } from './limit-rules.js';
import { LIMIT_FORMS, limitText } from './limit-text.js';
import { orDefault, strictOptions } from './strict-options.js';

const limitShape = lazy(() => ({
  ...figuresShape(),
  ...clientShape(),
  ...chargeShape(),
  ...choiceShape(),
  ...modeShape(),
}));

const handlerShape = lazy(() => ({
  ...phaseShape(),
  /** Deadline of the endpoint; overrides the application's. */
  timeout: z.optional(timerDuration),
}));

function checkTogether(limit: LimitFigures, ctx: z.core.$RefinementCtx): void {
  checkChoice(limit, (path, message, input) =>
    ctx.addIssue({ code: 'custom', path: [path], message, input }),
  );
}

/** Refuses strategy `param`: before a route is known, there are no route parameters. */
function checkNoParams(limit: ServiceChoice, ctx: z.core.$RefinementCtx): void {
  const fault = (path: PropertyKey[]) =>
    ctx.addIssue({
      code: 'custom',
      path,
      message: SERVICE_STRATEGIES,
      input: 'param',
    });
  limit.tiers?.forEach(({ strategy }, i) => {
    if (strategy === 'param') fault(['tiers', i, 'strategy']);
  });
  if (typeof limit.tierKey === 'object' && limit.tierKey.strategy === 'param') {
    fault(['tierKey', 'strategy']);
  }
}

type ServiceChoice = Pick<RouterLimit, 'tiers' | 'tierKey'>;

const DEFAULT_EVERY_MS = 1000;

interface WrittenLimit {
  every?: number;
  timeout?: number;
  cost?: number | CostFunction;
}

function withDefaults<Limit extends WrittenLimit>(limit: Limit) {
  const { every, timeout, cost = 1, ...rest } = limit;
  const everyMs = every ?? DEFAULT_EVERY_MS;
  return { ...rest, cost, everyMs, timeoutMs: timeout };
}

const textAsLimit = z.pipe(
  limitText,
  z.transform((limit) => ({
    ...limit,
    cost: 1 as number | CostFunction,
  })),
);

/** The forms of a limit, for unions that allow more. */
export const routerLimitForms = [
  textAsLimit,
  z.pipe(
    strictOptions(
      () => ({ ...nameShape(), ...limitShape(), ...handlerShape() }),
      z.superRefine(checkTogether),
    ),
    z.transform(withDefaults),
  ),
] as const;

/** A limit as a decorator accepts it. */
export const routerLimit = z.union(routerLimitForms, { error: LIMIT_FORMS });

/** A named limit in `policies`, which handlers can share. */
export const policy = z.union(
  [
    textAsLimit,
    z.pipe(
      strictOptions(
        () => ({
          ...limitShape(),
          ...handlerShape(),
          /** Whether all handlers that use the policy share its buckets. Default false. */
          shared: orDefault(flag, false),
        }),
        z.superRefine(checkTogether),
      ),
      z.transform(withDefaults),
    ),
  ],
  { error: LIMIT_FORMS },
);

/** The limit of the whole application. It is decided before a route is known, so it has no route parameters and no deadline. */
export const serviceLimit = z.union(
  [
    textAsLimit,
    z.pipe(
      strictOptions(
        () => ({
          ...nameShape(),
          ...limitShape(),
          strategy: serviceStrategy,
        }),
        z.superRefine(checkTogether),
        z.superRefine(checkNoParams),
      ),
      z.transform(withDefaults),
    ),
  ],
  { error: LIMIT_FORMS },
);

/** A limit as configured. */
export type RouterLimitOptions = z.input<typeof routerLimit>;

/** A validated limit: durations in milliseconds, all defaults filled in but the capacities. */
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
  settle?: SettleFunction;
  tiers?: TierFields[];
  tierKey?: TierKey;
  resolve?: ResolveFunction;
  allow?: AccessList;
  deny?: AccessList;
  mode?: 'enforce' | 'audit';
  phase?: 'interceptor' | 'edge';
  needsBody?: boolean;
  timeoutMs?: number;
}

/** A validated policy. */
export interface Policy extends RouterLimit {
  shared?: boolean;
}
