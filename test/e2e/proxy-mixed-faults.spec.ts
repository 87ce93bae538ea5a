import { monitorEventLoopDelay } from 'node:perf_hooks';
import { AxiosError } from 'axios';
import {
  BackendRateLimitedException,
  BackendTimeoutException,
  BackendUnreachableException,
  CircuitOpenException,
} from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import * as behaviours from '../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  transports,
  upstreamForTest,
} from '../support/backend-under-test.js';

const RUN_MS = 5000;
const CALLERS = 50;
const DEADLINE_MS = 250;
/** What the library may add to a deadline. The event loop, which upstream, callers and other work share, adds what it was held up for. */
const ALLOWANCE_MS = 50;
const RATE = 300;
const CAPACITY = 60;

/** Each fault with the ends that a call to it may have, besides our refusals. */
const faults = {
  '/fine': [behaviours.answer(), '200'],
  '/slow': [behaviours.after(100, behaviours.answer()), '200'],
  '/late': [
    behaviours.after(600, behaviours.answer()),
    'BackendTimeoutException',
  ],
  '/never': [behaviours.neverAnswer(), 'BackendTimeoutException'],
  '/trickle': [behaviours.trickle(2000), 'BackendTimeoutException'],
  '/half-header': [behaviours.halfHeader(), 'BackendTimeoutException'],
  '/reset': [behaviours.resetAfter(0), 'BackendUnreachableException'],
  '/reset-later': [behaviours.resetAfter(300), 'BackendUnreachableException'],
  '/garbage': [behaviours.garbage(), 'BackendUnreachableException'],
  '/500': [behaviours.fail(500), '500'],
  '/503': [behaviours.fail(503), '503'],
  '/404': [behaviours.fail(404), '404'],
  '/huge': [behaviours.huge(200_000), '200'],
} as const;

const refusals = [BackendRateLimitedException, CircuitOpenException];

interface End {
  readonly path: keyof typeof faults;
  readonly tookMs: number;
  readonly end: string;
}

/** How a call ended, in a word: a status, or the name of an exception. */
function wordOf(error: unknown): string {
  if (error instanceof BackendTimeoutException) return error.name;
  if (error instanceof BackendUnreachableException) return error.name;
  if (refusals.some((refusal) => error instanceof refusal)) return 'refused';
  if (error instanceof AxiosError && error.response) {
    return String(error.response.status);
  }
  return `unexpected ${String(error)}`;
}

/** Whether a call ended as its fault must, or in its time, where the event loop was too busy to answer sooner. */
function isRight({ path, end, tookMs }: End): boolean {
  if (end === 'refused' || end === faults[path][1]) return true;
  return end === 'BackendTimeoutException' && tookMs > DEADLINE_MS - 5;
}

/** The most calls that any interval had above what a bucket allows in it. */
function mostAboveBucket(callsMs: number[]): number {
  let most = 0;
  // Over all intervals that end at `at`, the excess is largest where this sum restarts.
  let excess = -CAPACITY;
  let beforeMs = callsMs[0];
  for (const atMs of callsMs) {
    const refilled = ((atMs - beforeMs) / 1000) * RATE;
    excess = Math.max(excess - refilled, -CAPACITY) + 1;
    most = Math.max(most, excess);
    beforeMs = atMs;
  }
  return most;
}

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('fifty callers of a backend with every fault', () => {
    it('get the right end in time, none is lost, and the backend gets no more than its bucket', async () => {
      const upstream = await upstreamForTest();
      const paths = Object.keys(faults) as (keyof typeof faults)[];
      for (const path of paths) upstream.on(path, faults[path][0]);
      const catalog = backendForTest(upstream.url, {
        timeout: `${DEADLINE_MS}ms`,
        rateLimit: { maxRate: RATE, capacity: CAPACITY },
        circuitBreaker: { maxErrors: 12, timeout: '50ms' },
      });

      const sentAtMs: number[] = [];
      catalog.interceptors.request.use((request) => {
        sentAtMs.push(performance.now());
        return request;
      });

      const loop = monitorEventLoopDelay({ resolution: 5 });
      loop.enable();
      const ends: End[] = [];
      let begun = 0;
      const endMs = performance.now() + RUN_MS;
      const caller = async (number: number) => {
        for (let i = number; performance.now() < endMs; i++) {
          const path = paths[i % paths.length];
          const startMs = performance.now();
          begun++;
          const end = await catalog
            .get(path)
            .then(({ status }) => String(status), wordOf);
          ends.push({ path, end, tookMs: performance.now() - startMs });
          if (end === 'refused')
            await new Promise((later) => setTimeout(later, 10));
        }
      };
      await Promise.all(
        Array.from({ length: CALLERS }, (_, i) => caller(i * 7)),
      );

      expect(ends).toHaveLength(begun);
      expect(ends.filter((end) => !isRight(end))).toEqual([]);
      loop.disable();
      const heldUpMs = loop.max / 1e6;
      expect(Math.max(...ends.map(({ tookMs }) => tookMs))).toBeLessThan(
        DEADLINE_MS + ALLOWANCE_MS + heldUpMs,
      );
      expect(new Set(ends.map(({ end }) => end)).size).toBe(7);

      // Deadlines that pass before a connection is there keep a call from being sent at all.
      const sent = ends.filter(({ end }) => end !== 'refused');
      expect(upstream.arrivals.length).toBeLessThanOrEqual(sent.length);
      // A call is stamped once it is admitted, later only by what held up the loop; on the way to the upstream calls may bunch.
      expect(mostAboveBucket(sentAtMs)).toBeLessThanOrEqual(
        1 + (heldUpMs / 1000) * RATE,
      );

      catalog.close();
      await eventually(() => upstream.sockets.size === 0);
    });
  });
});
