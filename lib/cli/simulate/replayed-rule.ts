import { AccessList, TierFields } from '../../config/schema/choice-fields.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { addressKey } from '../../router/client-key/address-key.js';
import { boundedKey } from '../../router/client-key/bounded-key.js';
import { inheritedLimit } from '../../router/choice/limit-parts.js';
import {
  networkTest,
  WHOLE_ADDRESS_BITS,
} from '../../router/choice/access-choice.js';
import { keyReader } from './replayed-key.js';
import { Asked, replayedParts } from './replayed-parts.js';
import { RoutedRequest } from './request.js';

/** Tells what a limit asks of a request; nothing when a list refuses it. */
export type ReplayedRule = (request: RoutedRequest) => Asked | undefined;

const NOTHING: Asked = { parts: [], gaps: [] };

/** The rule of one limit, as the router decides it wherever the traffic tells enough. */
export function replayedRule(
  limit: RouterLimit,
  id: string,
  at: string,
): ReplayedRule {
  const chosen = chosenBy(limit, id, at);
  const { allow, deny } = limit;
  if (allow === undefined && deny === undefined) return chosen;
  const isDenied = listed(deny);
  const isAllowed = listed(allow);
  const unasked = [
    ...(typeof deny === 'function'
      ? [`${at}: deny is a function; nobody is denied`]
      : []),
    ...(typeof allow === 'function'
      ? [`${at}: allow is a function; nobody is exempt`]
      : []),
  ];
  return (request) => {
    if (isDenied(request)) return undefined;
    const asked = isAllowed(request) ? NOTHING : chosen(request);
    return asked && unasked.length > 0 ? withGaps(asked, unasked) : asked;
  };
}

function listed(
  list: AccessList | undefined,
): (request: RoutedRequest) => boolean {
  if (list === undefined || typeof list === 'function') return () => false;
  const isInList = networkTest(list);
  return ({ address }) => isInList(addressKey(address, WHOLE_ADDRESS_BITS));
}

function withGaps({ parts, gaps }: Asked, more: readonly string[]): Asked {
  return { parts, gaps: [...gaps, ...more] };
}

function chosenBy(limit: RouterLimit, id: string, at: string): ReplayedRule {
  if (limit.tiers) return tiersOf(limit, limit.tiers, id, at);
  const asked = limit.resolve
    ? leftOut(`${at}: a function resolves it; not simulated`)
    : replayedParts(limit, id, at);
  return () => asked;
}

function leftOut(gap: string): Asked {
  return { parts: [], gaps: [gap] };
}

function tiersOf(
  limit: RouterLimit,
  written: readonly TierFields[],
  id: string,
  at: string,
): ReplayedRule {
  const { tierKey = limit } = limit;
  const keyOf = keyReader(
    typeof tierKey === 'function' ? { strategy: tierKey } : tierKey,
  );
  if (!keyOf) {
    const asked = leftOut(`${at}: a function tells the tier; not simulated`);
    return () => asked;
  }
  const tiers = written.map((tier, i) => ({
    takes: taking(tier),
    asked: askedBy(tier, limit, `${id} ${i}`, `${at}.tiers[${i}]`),
  }));
  const untold = [
    `${at}: the traffic does not tell the tier; requests count as without one`,
  ];
  return (request) => {
    const key = keyOf(request);
    const tier = tiers.find(({ takes }) => takes(key ?? ''));
    const asked = tier?.asked ?? NOTHING;
    return key === undefined ? withGaps(asked, untold) : asked;
  };
}

/** A function may take any key; what it would say is unknown, so no tier after it is certain. */
function taking({ when, otherwise }: TierFields): (key: string) => boolean {
  if (otherwise || when === undefined) return () => true;
  if (typeof when === 'function') return (key) => key !== '';
  const keys = new Set([when].flat().map(boundedKey));
  return (key) => keys.has(key);
}

function askedBy(
  tier: TierFields,
  limit: RouterLimit,
  id: string,
  at: string,
): Asked {
  if (typeof tier.when === 'function') {
    return leftOut(`${at}: a function tells who is in it; not simulated`);
  }
  return tier.unlimited
    ? NOTHING
    : replayedParts(inheritedLimit(limit, tier), id, at);
}
