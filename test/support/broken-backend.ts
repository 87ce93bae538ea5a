import type { HttpBackend } from 'nestjs-floodgate';
import type { Behaviour } from './backend-behaviours.js';
import {
  backendForTest,
  rejection,
  upstreamForTest,
} from './backend-under-test.js';
import type { BackendOptions } from './backend-under-test.js';

/** A backend whose breaker opens on the third failure, and a clock to put forward. */
export async function brokenBackend(
  behaviour: Behaviour,
  breaker: object = {},
  options: BackendOptions = {},
) {
  const upstream = await upstreamForTest(behaviour);
  const travel = { aheadMs: 0 };
  const circuitBreaker = { maxErrors: 3, timeout: '10s', ...breaker };
  const catalog = backendForTest(
    upstream.url,
    { circuitBreaker, ...options },
    travel,
  );
  return { upstream, catalog, travel };
}

/** Makes so many calls that fail. */
export async function failTimes(
  catalog: HttpBackend,
  times: number,
): Promise<void> {
  for (let i = 0; i < times; i++) await rejection(catalog.get('/'));
}
