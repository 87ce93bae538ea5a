import { describe, expect, it } from 'vitest';
import { backend } from '../../config/schema/backend.schema.js';
import { callScope } from '../../http/call-scope.js';
import { NO_DEADLINE } from '../../core/time/deadline.js';
import { MemoryStore } from '../../stores/memory-store.js';
import type { BucketStore, Verdict } from '../../stores/bucket-store.js';
import { CallSignal } from '../attempt/call-signal.js';
import type { Entry } from '../entries/entry.js';
import { Admission } from './admission.js';
import type { Admitted, CallPermit } from './permit.js';

class Service {}
class OtherService {}

interface Options {
  rateLimit?: string;
  circuitBreaker?: object;
  concurrency?: object;
  store?: BucketStore;
}

/** An admission at a time of our own making. */
function admissionOf({ store, ...options }: Options) {
  const time = { nowMs: 0 };
  const clock = () => time.nowMs;
  const config = backend.parse({ hosts: ['http://a'], ...options });
  const buckets = store ?? new MemoryStore(clock, 10);
  const admission = new Admission('catalog', config, buckets, clock);
  const ask = () => {
    const plan = admission.plans.running();
    const request = { plan, deadline: NO_DEADLINE, signal: new CallSignal() };
    return admission.admit(request, time.nowMs);
  };
  const admit = () => ask() as Admitted;
  const fail = () => admission.record(admit() as CallPermit, 'failure', 0);
  return { admission, time, ask, admit, fail };
}

function entryOf(limit: Entry['limit']): Entry {
  return { backend: 'catalog', limit };
}

function inEntry<T>(entry: Entry, owner: Function, work: () => T): T {
  const frame = { backend: 'catalog', entry, owner, outer: undefined };
  return callScope.run({ frame }, work);
}

/** How many of `attempts` are admitted; the others must be rejected by a bucket. */
function admitted(admit: () => Admitted, attempts: number): number {
  let count = 0;
  for (let i = 0; i < attempts; i++) {
    const asked = admit();
    if (!('reason' in asked)) count++;
    else if (asked.reason !== 'rate-limit') throw new Error(asked.reason);
  }
  return count;
}

describe('admission to a backend', () => {
  it('admits every call when nothing is configured', () => {
    const { admission, admit } = admissionOf({});
    expect(admitted(admit, 1000)).toBe(1000);
    expect(admission.breaker).toBeUndefined();
  });

  it('rejects with the exact wait when the bucket is empty', () => {
    const { admit, time } = admissionOf({ rateLimit: '2/1s' });
    expect(admitted(admit, 5)).toBe(2);
    expect(admit()).toMatchObject({ reason: 'rate-limit', retryAfterMs: 500 });
    time.nowMs = 499;
    expect(admitted(admit, 1)).toBe(0);
    time.nowMs = 500;
    expect(admitted(admit, 2)).toBe(1);
  });
});

describe('entries of a backend', () => {
  it('count separately, and separately for each class', () => {
    const { admit } = admissionOf({});
    const first = entryOf('2/1s');
    const second = entryOf('2/1s');
    const of = (entry: Entry, owner: Function) =>
      inEntry(entry, owner, () => admitted(admit, 5));
    expect(of(first, Service)).toBe(2);
    expect(of(second, Service)).toBe(2);
    expect(of(first, OtherService)).toBe(2);
    expect(of(first, Service)).toBe(0);
  });

  it('count separately even if two late classes share a name', () => {
    const { admit } = admissionOf({});
    const [one, two] = [entryOf('1/1s'), entryOf('1/1s')];
    const sameName = () => class Made {};
    for (const owner of [sameName(), sameName(), sameName()]) {
      expect(inEntry(one, owner, () => admitted(admit, 3))).toBe(1);
      expect(inEntry(two, owner, () => admitted(admit, 3))).toBe(1);
    }
  });

  it('cost the backend nothing when they reject', () => {
    const { admit } = admissionOf({ rateLimit: '10/1h' });
    const entry = entryOf('1/1h');
    expect(inEntry(entry, Service, () => admitted(admit, 100))).toBe(1);
    expect(admitted(admit, 100)).toBe(9);
  });

  it('cost nothing when the backend rejects', () => {
    const { admit, time } = admissionOf({ rateLimit: '1/1s' });
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

  it('throw every fault of a limit that was not checked at boot', () => {
    const { admit } = admissionOf({});
    const wrong = entryOf({ maxRate: -1 });
    expect(() => inEntry(wrong, Service, admit)).toThrow(
      /@ProxyRateLimit\("catalog"\) on Service.*maxRate.*above 0/s,
    );
  });
});

describe('a breaker combined with buckets', () => {
  const circuitBreaker = { maxErrors: 1, timeout: '10s' };

  it('rejects first, with the time left until its probe, and charges nothing', () => {
    const { admission, admit, time, fail } = admissionOf({
      rateLimit: '2/1h',
      circuitBreaker,
    });
    fail();
    time.nowMs = 3000;
    for (let i = 0; i < 5; i++) {
      const rejection = { reason: 'circuit-open', retryAfterMs: 7000 };
      expect(admit()).toEqual(rejection);
      expect(admission.peek(3000)).toEqual(rejection);
    }
    time.nowMs = 10_001;
    expect(admit()).not.toHaveProperty('reason');
  });

  it('gets its probe permit back when the bucket rejects the probe', () => {
    const { admit, time, fail } = admissionOf({
      rateLimit: '1/1m',
      circuitBreaker,
    });
    fail();
    time.nowMs = 10_001;
    expect(admit()).toMatchObject({ reason: 'rate-limit' });
    expect(admit()).toMatchObject({ reason: 'rate-limit' });
    time.nowMs = 60_000;
    expect(admit()).not.toHaveProperty('reason');
    expect(admit()).toMatchObject({ reason: 'circuit-open' });
  });

  it('never counts its own rejections as failures', () => {
    const { admission, admit } = admissionOf({
      rateLimit: '1/1m',
      circuitBreaker,
    });
    admit();
    expect(admitted(admit, 50)).toBe(0);
    expect(admission.breaker?.state(0)).toBe('closed');
    expect(admission.breaker?.counts).toMatchObject({
      failures: 0,
      ignored: 50,
    });
  });
});

describe('a store on the network', () => {
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

  it('returns the permit when it rejects later', async () => {
    const store = deciding(async () => refusal);
    const { admission, ask } = admissionOf({ ...options, store });
    await expect(ask()).resolves.toMatchObject({
      reason: 'rate-limit',
      retryAfterMs: 250,
    });
    expect(admission.breaker?.counts).toMatchObject({
      requests: 1,
      ignored: 1,
    });
  });

  it('returns the permit when it fails', async () => {
    const store = deciding(() => Promise.reject(new Error('store is gone')));
    const { admission, ask } = admissionOf({ ...options, store });
    await expect(ask()).rejects.toThrow('store is gone');
    expect(admission.breaker?.counts).toMatchObject({
      requests: 1,
      ignored: 1,
    });
  });
});

describe('the places of a backend', () => {
  it('are taken until none is free, and can be taken again once given back', () => {
    const { admission, admit } = admissionOf({
      concurrency: { maxConcurrent: 2 },
    });
    const [first] = [admit(), admit()] as CallPermit[];
    const rejection = { reason: 'concurrency', retryAfterMs: 1000 };
    expect(admit()).toMatchObject(rejection);
    admission.leave(first);
    expect(admit()).not.toHaveProperty('reason');
    expect(admit()).toMatchObject(rejection);
    expect(admission.load).toEqual({ waiting: 0, underway: 2, limit: 2 });
  });

  it('are given back where a bucket refuses the call, or nobody wants it any more', () => {
    const { admission, admit } = admissionOf({
      concurrency: { maxConcurrent: 5 },
      rateLimit: '1/1h',
    });
    admission.undo(undefined, admit() as CallPermit);
    expect(admit()).toMatchObject({ reason: 'rate-limit' });
    expect(admission.load.underway).toBe(0);
  });
});
