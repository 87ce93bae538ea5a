import { TierFields } from '../../config/schema/choice-fields.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { msText } from '../../config/format/limits.js';
import { SuggestionJson } from '../json-output.js';
import { EndpointTally } from './simulation.js';
import { suggestLimits } from './suggest.js';

/** The limits that are suggested, as a route of the configuration takes them. */
export function suggestion(
  { arrivals, limits }: EndpointTally,
  share: number,
): SuggestionJson | undefined {
  if (!arrivals || arrivals.timesMs.length === 0) return undefined;
  const { maxRate, clientMaxRates, skipsMissingKeys, refused } = suggestLimits(
    arrivals,
    share,
  );
  const limit = limits[arrivals.index];
  const cost = fieldsOf({
    cost:
      typeof limit?.cost === 'number' && limit.cost !== 1
        ? limit.cost
        : undefined,
  });
  const client = clientLimit(limit, clientMaxRates, skipsMissingKeys);
  return {
    limits: [
      { maxRate, capacity: maxRate, every: '1s', ...cost },
      ...(client ? [{ ...client, ...cost }] : []),
    ],
    requests: arrivals.timesMs.length,
    refused,
  };
}

function clientLimit(
  limit: RouterLimit | undefined,
  rates: readonly (number | undefined)[],
  skipsMissingKeys: boolean,
): Record<string, unknown> | undefined {
  if (rates.every((rate) => rate === undefined)) return undefined;
  const who = fieldsOf({
    ...whoOf(limit ?? {}),
    onMissingKey: skipsMissingKeys ? 'skip' : limit?.onMissingKey,
    allow: Array.isArray(limit?.allow)
      ? limit.allow.map(({ address, prefix }) => `${address}/${prefix}`)
      : undefined,
  });
  if (!limit?.tiers) {
    const [rate] = rates;
    return { clientMaxRate: rate, clientCapacity: rate, every: '1m', ...who };
  }
  return {
    tiers: limit.tiers.map((tier, i) =>
      tierLimit(tier, rates[i], limit.everyMs),
    ),
    ...fieldsOf({ tierKey: dataOf(limit.tierKey) }),
    every: '1m',
    ...who,
  };
}

/** A tier that nobody was in has nothing to go by, and stays as it is. */
function tierLimit(
  tier: TierFields,
  rate: number | undefined,
  everyMs: number,
): Record<string, unknown> {
  const { name, when, otherwise, unlimited } = tier;
  const { maxRate, capacity, clientMaxRate, clientCapacity, every } = tier;
  const rates =
    rate === undefined
      ? {
          maxRate,
          capacity,
          clientMaxRate,
          clientCapacity,
          every: unlimited ? undefined : msText(every ?? everyMs),
        }
      : { clientMaxRate: rate, clientCapacity: rate };
  return fieldsOf({
    name,
    when: dataOf(when),
    otherwise,
    unlimited,
    ...rates,
    ...whoOf(tier),
  });
}

/** A strategy by address is what there is without one. */
function whoOf({
  strategy,
  key,
  ipv6Prefix,
}: Pick<RouterLimit, 'strategy' | 'key' | 'ipv6Prefix'>) {
  return fieldsOf({
    strategy: strategy === 'ip' ? undefined : dataOf(strategy),
    key,
    ipv6Prefix,
  });
}

/** A function is told by its name. */
function dataOf(value: unknown): unknown {
  return typeof value === 'function' ? value.name || 'a function' : value;
}

function fieldsOf(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  );
}
