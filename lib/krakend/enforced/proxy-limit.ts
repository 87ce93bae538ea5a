import {
  defaultCapacity,
  EnforcedBucket,
  perSecond,
} from './enforced-bucket.js';
import { everyOfProxy, SECOND_NS } from './every.js';
import { countAt, numberAt, Section } from './go-value.js';

/** What KrakenD 2 makes of `qos/ratelimit/proxy`; nothing when it sets no limit. */
export function proxyLimit(section: Section): EnforcedBucket | undefined {
  const maxRate = numberAt(section, 'max_rate');
  const everyNs = everyOfProxy(section).ns;
  const rate = perSecond(maxRate, everyNs);
  if (!(rate > 0)) return undefined;
  const capacity = countAt(section, 'capacity') || defaultCapacity(rate);
  return { maxRate, everyNs, capacity, startsEmpty: false };
}

/** What KrakenD 1 makes of `juju/proxy`. Without a capacity it does not start; the strictest stands in. */
export function proxyLimitOf1(section: Section): EnforcedBucket | undefined {
  const maxRate = numberAt(section, 'maxRate');
  if (!(maxRate > 0)) return undefined;
  const capacity = countAt(section, 'capacity') || 1;
  return { maxRate, everyNs: SECOND_NS, capacity, startsEmpty: false };
}
