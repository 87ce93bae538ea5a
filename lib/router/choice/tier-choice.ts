import type { ExecutionContext } from '@nestjs/common';
import { TierFields } from '../../config/schema/choice-fields.js';
import { KeyFunction } from '../../config/schema/limit-fields.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { idBeneath } from '../../stores/bucket-id.js';
import { boundedKey } from '../client-key/bounded-key.js';
import { ClientKeys, KeySource } from '../client-key/client-key.js';
import { RoutePart } from '../routes/route-part.js';
import { bothIds, LimitName, tierLabel, tierName } from './limit-names.js';
import { inheritedLimit, limitParts } from './limit-parts.js';
import { ChooseParts, NO_PARTS } from './limit-choice.js';

interface Tier {
  readonly takes: (key: string, context: ExecutionContext) => boolean;
  readonly parts: readonly RoutePart[];
}

/** Chooses a tier by key: the first that matches, or none. Each tier has its own buckets. */
export function tierChoice(
  limit: RouterLimit,
  written: readonly TierFields[],
  outerName: LimitName,
  keys: ClientKeys,
): ChooseParts {
  const outer = withRememberedKey(limit);
  const keyOf = keys.reader(keySource(outer), outerName.label);
  const tiers = namedTiers(outer, written, outerName).map(
    ({ tier, name, inner }): Tier => ({
      takes: taking(tier),
      parts: tier.unlimited ? NO_PARTS : limitParts(inner, bothIds(name), keys),
    }),
  );
  return (context) => {
    const key = keyOf(context);
    return typeof key === 'string'
      ? firstThatTakes(tiers, key, context)
      : key.then((late) => firstThatTakes(tiers, late, context));
  };
}

/** A tier with its name, completed from the limit around it. */
export interface NamedTier {
  readonly tier: TierFields;
  readonly name: LimitName;
  readonly inner: RouterLimit;
}

/** Names the tiers of a limit. */
export function namedTiers(
  outer: RouterLimit,
  written: readonly TierFields[],
  outerName: LimitName,
): NamedTier[] {
  return written.map((tier, i) => {
    const { label, base, group } = outerName;
    return {
      tier,
      name: {
        label: tierLabel(label, tier, i),
        base: idBeneath(base, tierName(tier, i)),
        group,
      },
      inner: inheritedLimit(outer, tier),
    };
  });
}

function withRememberedKey(limit: RouterLimit): RouterLimit {
  const { strategy } = limit;
  return typeof strategy === 'function'
    ? { ...limit, strategy: rememberedKey(strategy) }
    : limit;
}

function keySource(limit: RouterLimit): KeySource {
  const { tierKey } = limit;
  if (tierKey === undefined) return limit;
  return typeof tierKey === 'function' ? { strategy: tierKey } : tierKey;
}

/** Client keys are bounded in length, so long keys in tiers are bounded too. */
function taking({ when, otherwise }: TierFields): Tier['takes'] {
  if (otherwise || when === undefined) return () => true;
  if (typeof when === 'function') {
    return (key, context) => key !== '' && when(key, context);
  }
  const keys = new Set([when].flat().map(boundedKey));
  return (key) => keys.has(key);
}

function firstThatTakes(
  tiers: readonly Tier[],
  key: string,
  context: ExecutionContext,
): readonly RoutePart[] {
  for (const tier of tiers) if (tier.takes(key, context)) return tier.parts;
  return NO_PARTS;
}

/** Calls a function once per request, although both the tier and its bucket need the key. */
function rememberedKey(keyOf: KeyFunction): KeyFunction {
  const known = new WeakMap<ExecutionContext, ReturnType<KeyFunction>>();
  return (context) => {
    if (known.has(context)) return known.get(context);
    const key = keyOf(context);
    known.set(context, key);
    return key;
  };
}
