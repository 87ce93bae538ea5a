import { describe, expect, it } from 'vitest';
import { backend } from '../config/schema/backend.schema.js';
import { callScope } from '../context/call-scope.js';
import { NO_DEADLINE } from '../core/time/deadline.js';
import { MemoryStore } from '../stores/memory-store.js';
import type { BucketStore, Verdict } from '../stores/bucket-store.js';
import { BackendGuard } from './backend-guard.js';
import { Passage } from './admission/passage.js';
import type { Entry } from './entry.js';
import { BackendRateLimitedException } from './errors/backend-rate-limited.exception.js';
import { CircuitOpenException } from './errors/circuit-open.exception.js';

class Service {}
class OtherService {}

interface Options {
  rateLimit?: string;
  circuitBreaker?: object;
  store?: BucketStore;
}

/** A guard at a time of our own making. */
function guardOf({ store, ...options }: Options) {
  const time = { nowMs: 0 };
  const clock = () => time.nowMs;
  const config = backend.parse({ hosts: ['http://a'], ...options });
  const buckets = store ?? new MemoryStore(clock, 10);
  const guard = new BackendGuard('catalog', config, buckets, clock);
  const order = { request: {}, life: undefined, deadline: NO_DEADLINE };
  const admit = () => guard.admit(order, time.nowMs);
  return { guard, time, admit };
}

function entryOf(limit: Entry['limit']): Entry {
  return { backend: 'catalog', limit };
}

function inEntry<T>(entry: Entry, owner: Function, work: () => T): T {
  const frame = { backend: 'catalog', entry, owner, outer: undefined };
  return callScope.run({ frame }, work);
}

/** How many of `attempts` are admitted; the others must be refused by a bucket. */
function admitted(admit: () => unknown, attempts: number): number {
  let count = 0;
  for (let i = 0; i < attempts; i++) {
    try {
      admit();
      count++;
    } catch (error) {
      if (!(error instanceof BackendRateLimitedException)) throw error;
    }
  }
  return count;
}

describe('the guard of a backend', () => {
  it('lets everything through when nothing is configured', () => {
    const { guard, admit } = guardOf({});
    expect(admitted(admit, 1000)).toBe(1000);
    expect(guard.breaker).toBeUndefined();
  });

  it('refuses with the exact wait when the bucket is empty', () => {
    const { admit, time } = guardOf({ rateLimit: '2/1s' });
    expect(admitted(admit, 5)).toBe(2);
    expect(admit).toThrow(
      expect.objectContaining({ backend: 'catalog', retryAfterMs: 500 }),
    );
    time.nowMs = 499;
    expect(admitted(admit, 1)).toBe(0);
    time.nowMs = 500;
    expect(admitted(admit, 2)).toBe(1);
  });
});

describe('the entries of a backend', () => {
  it('count apart from each other, and for each class apart', () => {
    const { admit } = guardOf({});
    const first = entryOf('2/1s');
    const second = entryOf('2/1s');
    const of = (entry: Entry, owner: Function) =>
      inEntry(entry, owner, () => admitted(admit, 5));
    expect(of(first, Service)).toBe(2);
    expect(of(second, Service)).toBe(2);
    expect(of(first, OtherService)).toBe(2);
    expect(of(first, Service)).toBe(0);
  });

  it('count apart although late classes share a name', () => {
    const { admit } = guardOf({});
    const [one, two] = [entryOf('1/1s'), entryOf('1/1s')];
    const sameName = () => class Made {};
    for (const owner of [sameName(), sameName(), sameName()]) {
      expect(inEntry(one, owner, () => admitted(admit, 3))).toBe(1);
      expect(inEntry(two, owner, () => admitted(admit, 3))).toBe(1);
    }
  });

  it('cost the backend nothing when they refuse', () => {
    const { admit } = guardOf({ rateLimit: '10/1h' });
    const entry = entryOf('1/1h');
    expect(inEntry(entry, Service, () => admitted(admit, 100))).toBe(1);
    expect(admitted(admit, 100)).toBe(9);
  });

  it('pay nothing when the backend refuses', () => {
    const { admit, time } = guardOf({ rateLimit: '1/1s' });
    const entry = entryOf('3/1h');
    const attempt = () => inEntry(entry, Service, () => admitted(admit, 10));
    expect(attempt()).toBe(1);
    time.nowMs = 1000;
    expect(attempt()).toBe(1);
    time.nowMs = 2000;
    expect(attempt()).toBe(1);
    time.nowMs = 3000;
    expect(attempt()).toBe(0);
  });

  it('name every fault of a limit that was never checked at boot', () => {
    const { admit } = guardOf({});
    const wrong = entryOf({ maxRate: -1 });
    expect(() => inEntry(wrong, Service, admit)).toThrow(
      /@ProxyRateLimit\("catalog"\) on Service.*maxRate.*above 0/s,
    );
  });
});

describe('breaker and buckets together', () => {
  const circuitBreaker = { maxErrors: 1, timeout: '10s' };

  it('refuse by the breaker first, with the time that is left, and charge nothing', () => {
    const { guard, admit, time } = guardOf({
      rateLimit: '2/1h',
      circuitBreaker,
    });
    guard.settle(admit() as Passage, 'failure');
    time.nowMs = 3000;
    for (let i = 0; i < 5; i++) {
      expect(admit).toThrow(CircuitOpenException);
      expect(admit).toThrow(expect.objectContaining({ retryAfterMs: 7000 }));
    }
    time.nowMs = 10_001;
    expect(admit()).toBeInstanceOf(Passage);
  });

  it('give the permit of a probe back when the bucket refuses it', () => {
    const { guard, admit, time } = guardOf({
      rateLimit: '1/1m',
      circuitBreaker,
    });
    guard.settle(admit() as Passage, 'failure');
    time.nowMs = 10_001;
    expect(admit).toThrow(BackendRateLimitedException);
    expect(admit).toThrow(BackendRateLimitedException);
    time.nowMs = 60_000;
    expect(admit()).toBeInstanceOf(Passage);
    expect(admit).toThrow(CircuitOpenException);
  });

  it('never count their own refusals as failures', () => {
    const { guard, admit } = guardOf({ rateLimit: '1/1m', circuitBreaker });
    admit();
    expect(admitted(admit, 50)).toBe(0);
    expect(guard.breaker?.state(0)).toBe('closed');
    expect(guard.breaker?.counts).toMatchObject({ failures: 0, ignored: 50 });
  });
});

describe('a store in the network', () => {
  const refusal: Verdict = {
    admitted: false,
    retryAfterMs: 250,
    waitsMs: [250],
    tokens: [0],
  };
  const deciding = (decision: () => Promise<Verdict>): BucketStore => ({
    isLocal: false,
    plan: () => ({ decide: decision, adjust: () => {} }),
  });
  const options = {
    rateLimit: '1/1s',
    circuitBreaker: { maxErrors: 1, halfOpen: { permits: 1 } },
  };

  it('refuses later, and the permit is given back', async () => {
    const store = deciding(async () => refusal);
    const { guard, admit } = guardOf({ ...options, store });
    await expect(admit()).rejects.toMatchObject({ retryAfterMs: 250 });
    expect(guard.breaker?.counts).toMatchObject({ requests: 1, ignored: 1 });
  });

  it('may fail, and the permit is given back', async () => {
    const store = deciding(() => Promise.reject(new Error('store is gone')));
    const { guard, admit } = guardOf({ ...options, store });
    await expect(admit()).rejects.toThrow('store is gone');
    expect(guard.breaker?.counts).toMatchObject({ requests: 1, ignored: 1 });
  });
});
