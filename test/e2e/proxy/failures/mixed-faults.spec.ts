import { describe, expect, it } from 'vitest';
import {
  backendForTest,
  callOver,
  eventually,
  transports,
} from '../../../support/backend-under-test.js';
import type { BackendOptions } from '../../../support/backend-under-test.js';
import { endOf } from '../../../support/call-ends.js';
import type { EndedCall } from '../../../support/call-ends.js';
import {
  FAULT_DEADLINE_MS,
  faultPaths,
  faults,
  faultyUpstream,
} from '../../../support/faulty-upstream.js';
import type { FaultPath } from '../../../support/faulty-upstream.js';
import { WatchedLoop, watchLoop } from '../../../support/held-up.js';
import { busyWith, isNoBusierThan } from '../../../support/leftovers.js';
import { Tally } from '../../../support/tally.js';

const CALLERS = 50;
/** What the library may add to a deadline. The event loop, which upstream, callers and other work share, adds what it was held up for. */
const ALLOWANCE_MS = 50;
const RATE = 300;
const CAPACITY = 60;
const bucket = { maxRate: RATE, capacity: CAPACITY };
/** Of one attempt, where there may be several. */
const ATTEMPT_MS = 120;
const MAX_CONCURRENT = 40;
/** A busy machine takes longer until every fault has been met. */
const LONGEST_RUN_MS = 30_000;

/** What the calls do beside being sent, and for how long fifty callers send them. */
const journeys: [string, BackendOptions, number][] = [
  ['on its own', {}, 5000],
  [
    'with retries, hedges, a line and a bound on how many are underway',
    {
      rateLimit: { ...bucket, onLimit: 'wait', maxWait: '60ms' },
      concurrency: {
        maxConcurrent: MAX_CONCURRENT,
        onLimit: 'wait',
        maxWait: '60ms',
      },
      retry: { limit: 2, baseDelay: '5ms', attemptTimeout: `${ATTEMPT_MS}ms` },
      hedge: { after: '40ms' },
      retryBudget: { ratio: 0.5, minPerSecond: 20, burst: 50 },
    },
    10_000,
  ],
];

interface End extends EndedCall {
  readonly call: string;
  readonly path: FaultPath;
}

/**
 * Whether a call ended as its fault must, or when its time was up, where the
 * event loop was too busy to answer sooner. A timer counts from the turn of
 * the loop in which it was set, and so may come early by as much as that took.
 */
function isRight(timeMs: number, heldUpMs: number) {
  return ({ path, end, tookMs }: End): boolean => {
    if (end === 'refused' || end === faults[path].end) return true;
    return end === 'BackendTimeoutException' && tookMs > timeMs - heldUpMs - 5;
  };
}

/** Every other call is answered at once: it keeps connections for those to come, and the breaker closed most of the time. */
function pathOf(call: number): FaultPath {
  return call % 2 === 0
    ? '/fine'
    : faultPaths[((call - 1) / 2) % faultPaths.length];
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

  describe.each(journeys)(
    'fifty callers of a backend with every kind of fault, each call %s,',
    { timeout: 2 * LONGEST_RUN_MS },
    (_, options, runMs) => {
      it('all get the right result in time, and the backend gets no more than its limit', async () => {
        const before = busyWith();
        const upstream = await faultyUpstream();
        const catalog = backendForTest(upstream.url, {
          rateLimit: bucket,
          ...options,
          timeout: `${FAULT_DEADLINE_MS}ms`,
          circuitBreaker: { maxErrors: 12, timeout: '50ms' },
        });

        const sentAtMs: number[] = [];
        const sent = new Tally();
        // The adapter asks for the text of the parameters, and so once a call is admitted.
        const serialize = ({ call }: Record<string, unknown>) => {
          sentAtMs.push(performance.now());
          sent.add(String(call));
          return '';
        };

        const heldUpMs = watchLoop();
        const loop = new WatchedLoop();
        const ends: End[] = [];
        let begun = 0;
        let mostUnderway = 0;
        const startMs = performance.now();
        const hasMore = () => {
          const forMs = performance.now() - startMs;
          const isComplete = () =>
            faultPaths.every((path) => upstream.arrivalsAt(path).length > 0);
          return forMs < runMs || (forMs < LONGEST_RUN_MS && !isComplete());
        };
        const caller = async (number: number) => {
          for (let i = number; hasMore(); i++) {
            const path = pathOf(i);
            const call = String(begun++);
            const sending = catalog.get(path, {
              headers: { 'x-call': call },
              params: { call },
              paramsSerializer: { serialize },
            });
            const ended = await endOf(sending, loop);
            mostUnderway = Math.max(mostUnderway, catalog.load.underway ?? 0);
            ends.push({ call, path, ...ended });
            if (ended.end === 'refused')
              await new Promise((later) => setTimeout(later, 10));
          }
        };
        await Promise.all(
          Array.from({ length: CALLERS }, (_, i) => caller(i * 7)),
        );
        const lastedMs = performance.now() - startMs;

        expect(ends).toHaveLength(begun);
        const timeMs = options.retry ? ATTEMPT_MS : FAULT_DEADLINE_MS;
        const right = isRight(timeMs, heldUpMs());
        expect(ends.filter((end) => !right(end))).toEqual([]);
        const latestMs = FAULT_DEADLINE_MS + ALLOWANCE_MS;
        expect(
          ends.filter((end) => end.tookMs - end.heldUpMs > latestMs),
        ).toEqual([]);

        // Who was sent once is told what came of that, never that the breaker or a bucket refused.
        const refused = ends.filter(({ end }) => end === 'refused');
        expect(refused.filter(({ call }) => sent.of(call) > 0)).toEqual([]);

        // Deadlines that pass before a connection is there keep a call from being sent at all.
        const { arrivals } = upstream;
        const arrived = new Tally();
        for (const { request } of arrivals)
          arrived.add(String(request.headers['x-call']));
        expect(
          ends.filter(({ call }) => arrived.of(call) > sent.of(call)),
        ).toEqual([]);
        for (const path of faultPaths)
          expect(upstream.arrivalsAt(path)).not.toHaveLength(0);

        // A call is stamped once it is admitted, later only by what held up the loop; on the way to the upstream calls may bunch.
        expect(mostAboveBucket(sentAtMs)).toBeLessThanOrEqual(
          1 + (heldUpMs() / 1000) * RATE,
        );
        expect(arrivals.length).toBeLessThanOrEqual(
          CAPACITY + (lastedMs / 1000) * RATE,
        );
        expect(mostUnderway).toBeLessThanOrEqual(MAX_CONCURRENT);
        expect(catalog.retryBudget.made > 0).toBe(options.retry !== undefined);

        await eventually(() => (catalog.load.underway ?? 0) === 0);
        expect(catalog.load.waiting).toBe(0);
        catalog.close();
        await eventually(() => upstream.sockets.size === 0);
        await upstream.stop();
        await eventually(() => isNoBusierThan(before));
      });
    },
  );
});
