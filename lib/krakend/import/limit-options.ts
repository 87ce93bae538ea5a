import type { BackendLimitOptions } from '../../config/schema/backend-limit.schema.js';
import type { RouterLimitOptions } from '../../config/schema/router-limit.schema.js';
import { durationText } from '../../config/format/limits.js';
import {
  breaksDown,
  EnforcedBucket,
  EnforcedClientBucket,
  EnforcedRouterLimit,
  HIGHEST_RATE_PER_SECOND,
  perSecond,
  SECOND_NS,
} from '../enforced/rate-limit.js';
import { isNeverSent } from '../findings/client-findings.js';
import { addressInHeader, noClient } from '../strategies.js';

type LimitObject<Options> = Exclude<Options, string>;
/** The options of a backend limit that KrakenD has too. */
type BackendLimit = Pick<
  LimitObject<BackendLimitOptions>,
  'maxRate' | 'capacity' | 'every'
>;
type RouterLimit = LimitObject<RouterLimitOptions>;

/** The lowest and highest rate that a limit accepts. */
const LOWEST = 1e-12;
const HIGHEST = 1e15;

/** Converts a bucket to options, with the figures as written wherever they are valid. */
export function bucketOptions(bucket: EnforcedBucket): Required<BackendLimit> {
  const { maxRate, everyNs } = bucket;
  const capacity = Math.min(bucket.capacity, Number.MAX_SAFE_INTEGER);
  if (breaksDown(bucket)) {
    return { maxRate: HIGHEST_RATE_PER_SECOND, every: '1s', capacity };
  }
  if (maxRate < LOWEST || maxRate > HIGHEST) {
    const rate = Math.max(LOWEST, perSecond(maxRate, everyNs));
    return { maxRate: rate, every: '1s', capacity };
  }
  // Most windows are one second, and formatting one costs as much as all the rest.
  const every = everyNs === SECOND_NS ? '1s' : durationText(BigInt(everyNs));
  return { maxRate, every, capacity };
}

/** Converts an endpoint limit to options: two limits if its halves need different windows. */
export function routerLimitOptions({
  endpoint,
  client,
}: EnforcedRouterLimit): RouterLimit[] {
  const whole = endpoint && bucketOptions(endpoint);
  const each = client && clientOptions(client);
  if (whole && each && whole.every === each.every) {
    return [{ ...whole, ...each }];
  }
  return [whole, each].filter((limit) => limit !== undefined);
}

/** Like `routerLimitOptions`, but always one limit: different windows become one second. */
export function oneLimitOptions({
  endpoint,
  client,
}: EnforcedRouterLimit): RouterLimit | undefined {
  const [first, second] = routerLimitOptions({ endpoint, client });
  if (!second) return first;
  return routerLimitOptions({
    endpoint: endpoint && perSecondOf(endpoint),
    client: client && perSecondOf(client),
  })[0];
}

function perSecondOf<Bucket extends EnforcedBucket>(bucket: Bucket): Bucket {
  const rate = perSecond(bucket.maxRate, bucket.everyNs);
  const maxRate = Math.min(HIGHEST_RATE_PER_SECOND, Math.max(LOWEST, rate));
  return { ...bucket, maxRate, everyNs: SECOND_NS };
}

function clientOptions(client: EnforcedClientBucket): RouterLimit {
  const { maxRate, capacity, every } = bucketOptions(client);
  return {
    clientMaxRate: maxRate,
    clientCapacity: capacity,
    every,
    ...strategyOptions(client),
  };
}

/** A token of RFC 9110; a request can't have a header with any other name. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

function strategyOptions({
  strategy,
  key,
}: EnforcedClientBucket): Pick<RouterLimit, 'strategy' | 'key'> {
  if (strategy === 'ip') {
    return { strategy: HEADER_NAME.test(key) ? addressInHeader(key) : 'ip' };
  }
  const isUnknown = strategy === 'header' ? isNeverSent(key) : key === '';
  return isUnknown ? { strategy: noClient } : { strategy, key };
}
