import { TokenBucket } from 'limiter';

export const title = 'limiter';

/** It has no table of clients: a Map of its buckets is what its users write. */
export function decider({ limit, endpoint }) {
  const options = {
    bucketSize: limit.max,
    tokensPerInterval: 1,
    interval: limit.everyMs,
  };
  const parentBucket = endpoint ? full(new TokenBucket(options)) : undefined;
  const buckets = new Map();
  return (key) => {
    let bucket = buckets.get(key);
    if (!bucket) {
      bucket = full(new TokenBucket({ ...options, parentBucket }));
      buckets.set(key, bucket);
    }
    return bucket.tryRemoveTokens(1);
  };
}

/** Its buckets start empty. */
function full(bucket) {
  bucket.content = bucket.bucketSize;
  return bucket;
}
