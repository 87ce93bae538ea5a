/** What the library means to reach. `suite` is the part of a run that measures it. */
function atMost(target, id, suite, what, unit = '×') {
  return {
    id,
    suite,
    what,
    unit,
    target: `≤ ${target}`,
    isMet: (value) => value <= target,
  };
}

function atLeast(target, id, suite, what, unit = '×') {
  return {
    id,
    suite,
    what,
    unit,
    target: `≥ ${target}`,
    isMet: (value) => value >= target,
  };
}

export const targets = [
  atMost(
    1.5,
    'decision-floor',
    'decisions',
    'time of a decision over 10,000 clients, against the floor',
  ),
  atLeast(
    2,
    'decision-erl',
    'decisions',
    'times faster than express-rate-limit’s MemoryStore',
  ),
  atLeast(
    5,
    'decision-rlf',
    'decisions',
    'times faster than rate-limiter-flexible',
  ),
  atMost(
    2.5,
    'decision-growth',
    'decisions',
    'time of a decision, 1,000,000 clients against 10,000',
  ),
  atMost(
    16,
    'decision-alloc',
    'memory',
    'bytes allocated by an admission',
    'B',
  ),
  atMost(
    110,
    'client-heap',
    'memory',
    'bytes of heap per idle client, at one million',
    'B',
  ),
  atLeast(
    0.95,
    'fastify-noop',
    'inbound',
    'throughput with endpoint + client limit, against an interceptor that does nothing, Fastify',
  ),
  atLeast(0.95, 'express-noop', 'inbound', 'the same on Express'),
  atLeast(
    10,
    'fastify-throttler',
    'inbound',
    'the same against @nestjs/throttler, one client, a million a minute',
  ),
  atLeast(
    1,
    'fastify-refused',
    'inbound',
    'refusals against requests served by an empty handler',
  ),
  atLeast(
    0.99,
    'fastify-unlimited',
    'inbound',
    'a route without a limit, with us imported against without',
  ),
  atLeast(
    0.97,
    'backend-axios',
    'outbound',
    'calls with everything on, 50 in flight, against bare axios with the same agent',
  ),
  atLeast(1, 'backend-opossum', 'outbound', 'the same against opossum + axios'),
  atLeast(
    1,
    'backend-cockatiel',
    'outbound',
    'the same against cockatiel + axios',
  ),
  atLeast(
    2,
    'backend-open',
    'outbound',
    'refusals by an open breaker, against opossum’s',
  ),
  atLeast(
    1.8,
    'backend-undici',
    'outbound',
    'calls over undici, everything on, against bare axios',
  ),
  atLeast(
    0.85,
    'redis-floor',
    'redis',
    'a plan of two buckets in Redis, against a pipelined EVALSHA of a trivial script',
  ),
  atLeast(
    2,
    'redis-throttler',
    'redis',
    'the same against @nest-lab/throttler-storage-redis',
  ),
  atLeast(8, 'redis-lease', 'redis', 'leases on a hot key, against none'),
  atMost(
    50,
    'startup',
    'startup',
    'added to the start of 1,000 handlers and 100 backends',
    'ms',
  ),
];
