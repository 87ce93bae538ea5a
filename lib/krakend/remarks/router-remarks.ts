import { everyOfRouter } from '../enforced/every.js';
import { fieldOf, Section, textAt } from '../enforced/go-value.js';
import { EnforcedRouterLimit } from '../enforced/router-limit.js';
import { Place, shown } from '../place.js';
import { remarkOnClient } from './client-remarks.js';
import {
  remarkOnCounts,
  remarkOnFields,
  remarkOnNumbers,
} from './field-remarks.js';
import {
  remarkOnDefault,
  remarkOnEvery,
  remarkOnRate,
} from './rate-remarks.js';

const RATES = ['max_rate', 'client_max_rate'];
const CAPACITIES = ['capacity', 'client_capacity'];
const STORE_FIELDS = ['num_shards', 'cleanup_period', 'cleanup_threads'];
const REDIS_FIELDS = ['connection_name', 'connection_pool', 'on_failure_allow'];
const FIELDS = [
  ...RATES,
  ...CAPACITIES,
  'every',
  'strategy',
  'key',
  ...STORE_FIELDS,
  ...REDIS_FIELDS,
];

/** Remarks on a limit of an endpoint or of the service, in a file of version 3. */
export function remarkOnRouter(
  section: Section,
  limit: EnforcedRouterLimit,
  path: string | undefined,
  place: Place,
): void {
  remarkOnFields(section, FIELDS, place);
  remarkOnNumbers(section, [...RATES, ...CAPACITIES], place);
  remarkOnCounts(section, CAPACITIES, place);
  remarkOnEvery(section, everyOfRouter(section).fault, place);
  remarkOnRate(section, 'max_rate', limit.endpoint, place);
  remarkOnRate(section, 'client_max_rate', limit.client, place);
  remarkOnDefault(section, limit.endpoint, 'max_rate', 'capacity', place);
  remarkOnDefault(
    section,
    limit.client,
    'client_max_rate',
    'client_capacity',
    place,
  );
  remarkOnClient(section, 'client_max_rate', limit.client, path, place);
  remarkOnMissing(section, limit, RATES, place);
}

/** Remarks on `juju/router`, in a file of version 2. */
export function remarkOnRouterOf1(
  section: Section,
  limit: EnforcedRouterLimit,
  path: string | undefined,
  place: Place,
): void {
  const rates = ['maxRate', 'clientMaxRate'];
  remarkOnFields(section, [...rates, 'strategy', 'key'], place);
  remarkOnNumbers(section, rates, place);
  for (const rate of rates) {
    const written = fieldOf(section, rate);
    if (typeof written !== 'number' || Number.isInteger(written)) continue;
    place.at(rate).remark('figure-cut', {
      written: `${rate}: ${written}`,
      enforced: `KrakenD 1 reads whole rates: it is ${Math.trunc(written)}${Math.abs(written) < 1 ? ', so there is no limit' : ''}.`,
      fix: 'Write a whole rate, or move to version 3 and write every.',
    });
  }
  remarkOnClient(section, 'clientMaxRate', limit.client, path, place);
  remarkOnMissing(section, limit, rates, place);
}

/** A section that stands there for nothing. */
function remarkOnMissing(
  section: Section,
  limit: EnforcedRouterLimit,
  rates: readonly string[],
  place: Place,
): void {
  if (limit.endpoint || limit.client) return;
  const written = rates
    .filter((rate) => fieldOf(section, rate) !== undefined)
    .map((rate) => `${rate}: ${shown(fieldOf(section, rate))}`);
  place.remark('limit-missing', {
    written: written.join(', ') || `neither ${rates.join(' nor ')}`,
    enforced: `No limit at all${textAt(section, 'strategy') && ', whatever the strategy'}: a rate that is missing, 0 or below sets none.`,
    fix: `Write ${rates[0]}, ${rates[1]} or both, above 0.`,
  });
}
