import {
  BucketTable,
  bucketLimit,
  Plan,
  TokenBucket,
} from '../../floodgate/core.mjs';

export const title = 'nestjs-floodgate';

export function decider({ clients, limit, endpoint }) {
  const rate = { capacity: limit.max, maxRate: 1, everyMs: limit.everyMs };
  const each = bucketLimit(rate);
  const buckets = [
    ...(endpoint ? [new TokenBucket(each, performance.now())] : []),
    clients === 1
      ? new TokenBucket(each, performance.now())
      : new BucketTable(each, clients),
  ];
  const plan = new Plan(buckets);
  const keys = buckets.map(() => '');
  const costs = buckets.map(() => 1);
  const last = keys.length - 1;
  return (key) => {
    keys[last] = key;
    return plan.decide(keys, costs, performance.now());
  };
}
