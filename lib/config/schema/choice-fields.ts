import type { ExecutionContext } from '@nestjs/common';
import * as z from 'zod/mini';
import { lazy } from '../values.js';
import { flag, functionOf, name } from './figures.js';
import {
  chargeShape,
  clientShape,
  figuresShape,
  KeyFunction,
  nameShape,
  plainCost,
  plainStrategy,
} from './limit-fields.js';
import { checkLimit } from './limit-rules.js';
import { LIMIT_FORMS, limitText } from './limit-text.js';
import { network } from './network.js';
import { strictOptions } from './strict-options.js';

/** Returns whether the list applies to a request. */
export type AccessFunction = (
  context: ExecutionContext,
) => boolean | Promise<boolean>;

/** Returns whether a key belongs to the tier. Not called for a request without a key. */
export type TierFunction = (key: string, context: ExecutionContext) => boolean;

const WHEN = 'a key, a list of keys, or a function of the key';
const literalKey = z
  .string({ error: 'a key' })
  .check(z.minLength(1, { error: 'a key' }));
const yes = z.literal(true, { error: 'true, or nothing' });

/** A limit for some of the keys. */
const tier = strictOptions(
  () => ({
    /** The name of the tier in headers, after the name of its limit. Default: `1`, `2` …, `otherwise`, since keys may be secrets. */
    name: z.optional(name),
    /** The key or keys of the tier, or a function that returns whether a key belongs to it. */
    when: z.optional(
      z.union(
        [
          literalKey,
          z.array(literalKey).check(z.minLength(1, { error: WHEN })),
          functionOf<TierFunction>(),
        ],
        { error: WHEN },
      ),
    ),
    /** Matches every key and requests without a key; must be last. */
    otherwise: z.optional(yes),
    /** Callers in this tier are not limited. */
    unlimited: z.optional(yes),
    ...figuresShape(),
    ...clientShape(),
    ...chargeShape(),
  }),
  z.superRefine((written, ctx) => {
    const fault = (path: string, message: string, input: unknown) =>
      ctx.addIssue({ code: 'custom', path: [path], message, input });
    if ((written.when === undefined) === (written.otherwise === undefined)) {
      fault('when', 'either `when` or `otherwise: true`', written.when);
    }
    if (!written.unlimited) checkLimit(written, fault);
    else if ((written.maxRate ?? written.clientMaxRate) !== undefined) {
      fault('unlimited', 'only without rates', true);
    }
  }),
);

const TIERS = 'a list of tiers; the one with `otherwise: true` stands last';

/** Limits by key. The first tier that matches applies. */
const tiers = z.array(tier, { error: TIERS }).check(
  z.minLength(1, { error: TIERS }),
  z.superRefine((written, ctx) => {
    written.slice(0, -1).forEach(({ otherwise }, i) => {
      if (!otherwise) return;
      const path = [i, 'otherwise'];
      ctx.addIssue({ code: 'custom', path, message: TIERS, input: true });
    });
  }),
);

const tierKeySource = strictOptions(
  () => ({
    /** Where to read the key. */
    strategy: z.enum(['ip', 'header', 'param'], {
      error: '"ip", "header" or "param"',
    }),
    /** The header or route parameter. */
    key: clientShape().key,
  }),
  z.superRefine(({ strategy, key }, ctx) => {
    if ((strategy === 'ip') === (key === undefined)) return;
    const message =
      strategy === 'ip' ? 'nothing' : `the name of the ${strategy}`;
    ctx.addIssue({ code: 'custom', path: ['key'], message, input: key });
  }),
);

/** A limit returned by `resolve`. It holds plain data only, so that equal limits can be recognized. */
export const resolvedLimit = z.union(
  [
    limitText,
    strictOptions(
      () => ({
        ...nameShape(),
        ...figuresShape(),
        ...clientShape(),
        strategy: plainStrategy,
        cost: plainCost,
      }),
      z.superRefine((written, ctx) =>
        checkLimit(written, (path, message, input) =>
          ctx.addIssue({ code: 'custom', path: [path], message, input }),
        ),
      ),
    ),
  ],
  { error: `${LIMIT_FORMS}; the name of a policy; or nothing for no limit` },
);

type ResolvedLimitOptions = z.input<typeof resolvedLimit>;

/** Returns the limit of a request: a limit as plain data, the name of a policy, or nothing for no limit. */
export type ResolveFunction = (
  context: ExecutionContext,
) =>
  | ResolvedLimitOptions
  | (string & {})
  | undefined
  | Promise<ResolvedLimitOptions | (string & {}) | undefined>;

const ADDRESSES = 'a list of addresses and ranges, or a function';
const accessList = z.optional(
  z.union(
    [z.array(network, { error: ADDRESSES }), functionOf<AccessFunction>()],
    {
      error: ADDRESSES,
    },
  ),
);

/** Which limit applies to a request, if any. */
export const choiceShape = lazy(() => ({
  /** Limits by key, in place of rates. The first tier that matches the client's key applies; if none matches, there is no limit. */
  tiers: z.optional(tiers),
  /** The key that selects a tier. Default: the client's key. */
  tierKey: z.optional(
    z.union([tierKeySource, functionOf<KeyFunction>()], {
      error:
        'an object with strategy and key, or a function of the execution context',
    }),
  ),
  /** Returns the limit of each request, in place of rates. */
  resolve: z.optional(functionOf<ResolveFunction>()),
  /** Callers that skip the limit: addresses and ranges, or a function. */
  allow: accessList,
  /** Callers that are always refused with 403: addresses and ranges, or a function. */
  deny: accessList,
}));

const MODES = '"enforce" or "audit"';

/** Whether the limit refuses requests or only counts them. */
export const mode = z.enum(['enforce', 'audit'], { error: MODES });

/** Whether a limit is enforced, and in which phase. */
export const modeShape = lazy(() => ({
  /** `audit` decides and counts but never refuses. Default: the application's mode, `enforce` unless set. */
  mode: z.optional(mode),
}));

const PHASES =
  '"interceptor" (after guards) or "edge" (before body parsing and guards)';

/** The phase in which a limit is decided. */
export const phase = z.enum(['interceptor', 'edge'], { error: PHASES });

/** The phase in which a handler's limit is decided. */
export const phaseShape = lazy(() => ({
  /** `edge` decides in the HTTP framework's own hook, before body parsing and guards; over other transports, before the application's guards. `interceptor` decides after guards. Default: the application's phase, `interceptor` unless set. */
  phase: z.optional(phase),
  /** Whether functions of the limit read the parsed body. At the edge, the limit is then decided after the body is parsed. Default false. */
  needsBody: z.optional(flag),
}));

/** A validated tier. */
export type TierFields = z.output<typeof tier>;
/** A validated `tierKey`. */
export type TierKey = KeyFunction | z.output<typeof tierKeySource>;
/** A validated list of callers. */
export type AccessList = NonNullable<z.output<typeof accessList>>;
/** A validated result of `resolve`. */
export type ResolvedFields = z.output<typeof resolvedLimit>;
