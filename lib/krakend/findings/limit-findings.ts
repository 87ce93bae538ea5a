import { figure } from '../../config/format/limits.js';
import { KRAKEND_1, Dialect } from '../enforced/dialect.js';
import {
  countAt,
  fieldOf,
  numberAt,
  Section,
  textAt,
} from '../enforced/go-value.js';
import {
  breaksDown,
  EnforcedBucket,
  EnforcedRouterLimit,
  EveryFault,
  everyOfProxy,
  everyOfRouter,
  perSecond,
} from '../enforced/rate-limit.js';
import { Place, shown } from '../krakend-finding.js';
import { Clients, reportClients } from './client-findings.js';
import { reportCounts, reportFields, reportNumbers } from './field-findings.js';

const RATES = ['max_rate', 'client_max_rate'];
const RATES_OF_1 = ['maxRate', 'clientMaxRate'];
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

/** Reports the findings of an endpoint or service limit. */
export function reportRouterLimit(
  section: Section,
  limit: EnforcedRouterLimit,
  clients: Clients,
  dialect: Dialect,
  place: Place,
): void {
  const rates = dialect === KRAKEND_1 ? RATES_OF_1 : RATES;
  if (dialect === KRAKEND_1) reportFieldsOf1(section, place);
  else reportFieldsOf2(section, limit, place);
  reportClients(section, rates[1], limit.client, clients, place);
  reportMissing(section, limit, rates, place);
}

function reportFieldsOf2(
  section: Section,
  limit: EnforcedRouterLimit,
  place: Place,
): void {
  reportFields(section, FIELDS, place);
  reportNumbers(section, [...RATES, ...CAPACITIES], place);
  reportCounts(section, CAPACITIES, place);
  reportEvery(section, everyOfRouter(section).fault, place);
  [limit.endpoint, limit.client].forEach((bucket, i) => {
    reportRate(section, RATES[i], bucket, place);
    reportDefault(section, bucket, RATES[i], CAPACITIES[i], place);
  });
}

function reportFieldsOf1(section: Section, place: Place): void {
  reportFields(section, [...RATES_OF_1, 'strategy', 'key'], place);
  reportNumbers(section, RATES_OF_1, place);
  for (const rate of RATES_OF_1) {
    const written = fieldOf(section, rate);
    if (typeof written !== 'number' || Number.isInteger(written)) continue;
    place.at(rate).report('figure-cut', {
      written: `${rate}: ${written}`,
      enforced: `KrakenD 1 reads whole rates: it is ${Math.trunc(written)}${Math.abs(written) < 1 ? ', so there is no limit' : ''}.`,
      fix: 'Write a whole rate, or move to version 3 and write every.',
    });
  }
}

/** Reports a section that sets no limit, or only one of two that it names. */
function reportMissing(
  section: Section,
  { endpoint, client }: EnforcedRouterLimit,
  rates: readonly string[],
  place: Place,
): void {
  const named = rates.filter((rate) => fieldOf(section, rate) !== undefined);
  if (!endpoint && !client) {
    const written = named.map(
      (rate) => `${rate}: ${shown(fieldOf(section, rate))}`,
    );
    place.report('limit-missing', {
      written: written.join(', ') || `neither ${rates.join(' nor ')}`,
      enforced: `No limit at all${textAt(section, 'strategy') && ', whatever the strategy'}: a rate that is missing, 0 or below sets none.`,
      fix: `Write ${rates[0]}, ${rates[1]} or both, above 0.`,
    });
    return;
  }
  for (const rate of named) {
    const value = fieldOf(section, rate);
    if (typeof value !== 'number' || value > 0) continue;
    const whom = rate === rates[0] ? 'all callers together' : 'each client';
    place.at(rate).report('rate-zero', {
      written: `${rate}: ${shown(value)}`,
      enforced: `No limit on ${whom}: a rate of 0 or below sets none. The other rate of the section holds.`,
      fix: `Write ${rate} above 0, or remove it.`,
    });
  }
}

/** Reports the findings of a backend limit. */
export function reportProxyLimit(
  section: Section,
  bucket: EnforcedBucket | undefined,
  dialect: Dialect,
  place: Place,
): void {
  if (dialect === KRAKEND_1) reportProxyOf1(section, bucket, place);
  else reportProxyOf2(section, bucket, place);
  if (bucket) return;
  const rate = dialect === KRAKEND_1 ? 'maxRate' : 'max_rate';
  place.report('limit-missing', {
    written: `${rate}: ${shown(fieldOf(section, rate))}`,
    enforced: 'No limit at all: a rate that is missing, 0 or below sets none.',
    fix: `Write ${rate} above 0, and capacity.`,
  });
}

function reportProxyOf2(
  section: Section,
  bucket: EnforcedBucket | undefined,
  place: Place,
): void {
  reportFields(section, ['max_rate', 'capacity', 'every'], place);
  reportNumbers(section, ['max_rate', 'capacity'], place);
  reportCounts(section, ['capacity'], place);
  const { ns, fault } = everyOfProxy(section);
  reportEvery(section, fault, place);
  if (ns <= 0 && numberAt(section, 'max_rate') !== 0) {
    place.at('every').report('every-not-positive', {
      written: `every: ${shown(fieldOf(section, 'every'))}`,
      enforced:
        ns === 0
          ? 'An endless rate: KrakenD divides by zero once the first stock is used. The highest rate is imported.'
          : 'A negative rate, so there is no limit.',
      fix: 'Write a duration above 0.',
    });
  } else reportRate(section, 'max_rate', bucket, place);
  if (ns > 0) reportDefault(section, bucket, 'max_rate', 'capacity', place);
}

function reportProxyOf1(
  section: Section,
  bucket: EnforcedBucket | undefined,
  place: Place,
): void {
  reportFields(section, ['maxRate', 'capacity'], place);
  reportNumbers(section, ['maxRate', 'capacity'], place);
  if (!bucket || countAt(section, 'capacity') > 0) return;
  place.at('capacity').report('capacity-out-of-range', {
    written: `capacity: ${shown(fieldOf(section, 'capacity'))}`,
    enforced:
      'KrakenD 1 does not start without a capacity. A capacity of 1 is imported.',
    fix: `Write capacity: ${Math.ceil(bucket.maxRate)}.`,
  });
}

/** Reports an `every` that KrakenD reads differently from how it is written. */
function reportEvery(
  section: Section,
  fault: EveryFault | undefined,
  place: Place,
): void {
  if (fault === undefined) return;
  const every = fieldOf(section, 'every');
  const written = `every: ${shown(every)}`;
  if (fault === 'unreadable') {
    place.at('every').report('every-unreadable', {
      written,
      enforced: 'It is no duration, so it is a second.',
      fix:
        typeof every === 'number'
          ? `Write a duration, such as "${every}s".`
          : 'Write a duration such as "1m" or "1h"; there is no unit above h.',
    });
  } else {
    place.at('every').report('every-too-short', {
      written,
      enforced: 'For an endpoint anything below a second is a second.',
      fix: 'Write the rate per second.',
    });
  }
}

/** Reports a missing capacity, for which KrakenD uses its default. */
function reportDefault(
  section: Section,
  bucket: EnforcedBucket | undefined,
  rateName: string,
  capacityName: string,
  place: Place,
): void {
  if (!bucket || countAt(section, capacityName) > 0) return;
  const written = `${rateName}: ${bucket.maxRate}, and no ${capacityName}`;
  if (bucket.startsEmpty) {
    place.at(capacityName).report('first-request-refused', {
      written,
      enforced:
        'A client starts with an empty bucket: its first request is refused with 429. Here buckets start full.',
      fix: `Write ${capacityName}: ${Math.ceil(bucket.maxRate)}.`,
    });
    return;
  }
  if (bucket.capacity >= bucket.maxRate) return;
  const rate = figure(perSecond(bucket.maxRate, bucket.everyNs));
  place.at(capacityName).report('capacity-by-default', {
    written,
    enforced: `The capacity is ${bucket.capacity}: ${rate} a second, as they flow in, not ${bucket.maxRate} at any time of the window.`,
    fix: `Write ${capacityName}: ${Math.ceil(bucket.maxRate)} if as many may come at once.`,
  });
}

/** Reports a rate that crashes KrakenD. */
function reportRate(
  section: Section,
  rateName: string,
  bucket: EnforcedBucket | undefined,
  place: Place,
): void {
  if (!bucket || !breaksDown(bucket)) return;
  place.at(rateName).report('rate-too-high', {
    written: `${rateName}: ${shown(fieldOf(section, rateName))}`,
    enforced:
      'KrakenD divides by zero once the first stock is used; more than 1e9 a second cannot be counted.',
    fix: 'Set a rate that the backend can handle, or remove the limit.',
  });
}
