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
    0.92,
    'fastify-noop',
    'inbound',
    'served with endpoint + client limit, phase interceptor, against an interceptor that does nothing, Fastify',
  ),
  atLeast(0.95, 'express-noop', 'inbound', 'the same on Express'),
  atLeast(
    0.88,
    'fastify-edge',
    'inbound',
    'the same limits in phase edge, against plain Nest, Fastify',
  ),
  atLeast(0.93, 'express-edge', 'inbound', 'the same on Express'),
  atLeast(
    1.1,
    'fastify-edge-peer',
    'inbound',
    'served at the edge, against @fastify/rate-limit in Nest',
  ),
  atLeast(
    10,
    'fastify-throttler',
    'inbound',
    'phase interceptor against @nestjs/throttler, one client, a million a minute',
  ),
  atLeast(
    0.93,
    'fastify-refused',
    'inbound',
    'refusals at the edge, against requests served by an empty handler, Fastify',
  ),
  atLeast(1.2, 'express-refused', 'inbound', 'the same on Express'),
  atLeast(
    1.7,
    'fastify-refused-peer',
    'inbound',
    'refusals at the edge, against those of @fastify/rate-limit in Nest',
  ),
  atLeast(
    1,
    'fastify-refused-interceptor',
    'inbound',
    'refusals in phase interceptor, against those of @nestjs/throttler',
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
    1.2,
    'backend-cockatiel',
    'outbound',
    'the same against cockatiel + axios',
  ),
  atLeast(
    2.5,
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
    1.5,
    'startup',
    'startup',
    'added to the start by 1,000 limited handlers and 100 backends, against what interceptors and a filter that do nothing add',
  ),
];
