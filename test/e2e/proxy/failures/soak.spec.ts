import { setTimeout as later } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { backend } from '../../../../lib/config/schema/backend.schema.js';
import { answer, raw, redirect } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  transports,
} from '../../../support/backend-under-test.js';
import {
  faultPaths,
  faultyUpstream,
} from '../../../support/faulty-upstream.js';
import { busyWith, isNoBusierThan } from '../../../support/leftovers.js';

/** How long calls are made for; a soak of three minutes is `SOAK_SECONDS=180`. */
const RUN_MS = Number(process.env.SOAK_SECONDS ?? 3) * 1000;
const IN_FLIGHT = 80;
const UPDATE_EVERY_MS = 100;
/** What compiled code and open connections may add between a third of the run and its end. */
const MOST_GROWTH_BYTES = 25e6;

const RESPONSE_TYPES = ['json', 'stream', 'arraybuffer', 'text'] as const;

/** Numbers that are the same in every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use once what nobody needs is collected. */
function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Faults beside those of `faultPaths`. */
const moreFaults = {
  '/moved': redirect('/fine'),
  '/moved-nowhere': redirect('http://[::1'),
  '/switched': raw(
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: own\r\n\r\n',
  ),
  '/not-packed': answer('no gzip', 200, { 'content-encoding': 'gzip' }),
};

/** Rounds after which the breaker, which so many faults keep open, is reset. */
const ROUNDS = 20;

const settings = (round: number) => ({
  timeout: '800ms',
  rateLimit: { maxRate: 500 + (round % 5) * 100, capacity: 100 },
  concurrency: {
    maxConcurrent: 60,
    onLimit: 'wait' as const,
    maxWait: '100ms',
  },
  circuitBreaker: {
    // Closed most of the time, and open for some of it.
    maxErrors: round % ROUNDS < 15 ? 1000 : 10,
    timeout: '20ms',
    halfOpen: { permits: 2, maxDuration: '300ms' },
  },
  retry: round % 2 ? { baseDelay: '10ms', limit: 2 } : undefined,
  hedge: { after: '80ms' },
  fallback: round % 7 === 0 ? { to: 'instead' } : undefined,
});

describe.each(transports)('over %s', { timeout: RUN_MS + 60_000 }, (name) => {
  callOver(name);

  it(`leaves nothing behind after ${RUN_MS / 1000} s of ${IN_FLIGHT} callers, some of whom hang up on a faulty backend`, async () => {
    const before = busyWith();
    const upstream = await faultyUpstream();
    for (const [path, behaviour] of Object.entries(moreFaults)) {
      upstream.on(path, behaviour);
    }
    const paths = [...faultPaths, ...Object.keys(moreFaults)];
    const catalog = backendForTest(upstream.url, settings(0));
    const random = randomFrom(7);
    const endMs = performance.now() + RUN_MS;
    let calls = 0;
    let requests = 0;
    let answered = 0;

    const call = async (): Promise<void> => {
      const own = new AbortController();
      const isAborted = random() < 0.15;
      const timer = setTimeout(() => isAborted && own.abort(), random() * 120);
      calls++;
      const path = random() < 0.4 ? '/fine' : paths[calls % paths.length];
      const responseType = RESPONSE_TYPES[Math.floor(random() * 4)];
      const method = random() < 0.8 ? 'get' : 'put';
      const data = method === 'put' ? { a: 1 } : undefined;
      const request = { url: path, method, data, responseType };
      await catalog
        .request({ ...request, signal: own.signal })
        .then((got) => {
          if (got.statusText === 'OK') answered++;
          return readSome(got.data);
        }, readSome)
        .catch(() => {});
      clearTimeout(timer);
    };
    /** Reads some streams, drops some, and leaves the others to themselves. */
    const readSome = async (got: unknown): Promise<void> => {
      const { data } = ((got as { response?: object })?.response ?? {
        data: got,
      }) as { data?: unknown };
      if (!(data instanceof Readable)) return;
      const fate = random();
      if (fate < 0.4) await data.toArray();
      else if (fate < 0.6) data.destroy();
    };
    const caller = async (): Promise<void> => {
      while (performance.now() < endMs) {
        await call();
        await later(5);
      }
    };
    const updates = (async () => {
      for (let round = 1; performance.now() < endMs; round++) {
        await later(UPDATE_EVERY_MS);
        // What it remembers of each request is not what is measured.
        requests += upstream.arrivals.splice(0).length;
        const hosts = [upstream.url];
        const next = { hosts, transport: name, ...settings(round) };
        catalog.change(backend.parse(next), round);
        if (round % ROUNDS === 0) catalog.breaker?.reset();
      }
    })();

    const callers = Array.from({ length: IN_FLIGHT }, caller);
    await later(RUN_MS / 3);
    const earlyBytes = heapBytes();
    await Promise.all([...callers, updates]);

    // What nobody reads lasts until its deadline.
    await eventually(() => catalog.load.underway === 0);
    expect(catalog.load.waiting).toBe(0);
    expect(catalog.hosts[0].pending).toBe(0);
    const lateBytes = heapBytes();
    expect(lateBytes - earlyBytes).toBeLessThan(MOST_GROWTH_BYTES);
    requests += upstream.arrivals.splice(0).length;
    expect(requests).toBeGreaterThan(0);

    upstream.behave(answer());
    const isClosed = async () => {
      await catalog.get('/fine', { timeout: 5000 }).catch(() => {});
      return catalog.breaker?.state === 'closed';
    };
    while (!(await isClosed())) await later(60);
    catalog.close();
    await eventually(() => upstream.sockets.size === 0);
    await upstream.stop();
    await eventually(() => isNoBusierThan(before));
    console.log(
      `${name}: ${requests} requests for ${calls} calls, ${answered} of them answered with 200, ` +
        `heap ${Math.round(earlyBytes / 1e6)} MB after a third and ${Math.round(lateBytes / 1e6)} MB at the end`,
    );
  });
});
