import { AxiosHeaders, CanceledError } from 'axios';
import type { AxiosResponse } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { callScope } from '../../http/call-scope.js';
import { BucketStore, Verdict } from '../../stores/bucket-store.js';
import { Entry } from '../entries/entry.js';
import { CallSignal } from '../attempt/call-signal.js';
import {
  admissionInVirtualTime,
  passed,
  settled,
  virtualTime,
} from './admission.fixture.js';

const ONE_A_SECOND = { maxRate: 1, every: '1s', capacity: 1 };
const waiting = { ...ONE_A_SECOND, onLimit: 'wait', maxWait: '1h' };

class Service {}

function inEntry<T>(limit: Entry['limit'], work: () => T): T {
  const entry = { backend: 'catalog', limit };
  const frame = { backend: 'catalog', entry, owner: Service, outer: undefined };
  return callScope.run({ frame }, work);
}

describe('calls waiting for a token', () => {
  it('pass in order of arrival, each when its token is there, with a single timer', async () => {
    virtualTime();
    const { call, outcomes, admission, clock } = admissionInVirtualTime({
      rateLimit: waiting,
    });
    const startMs = clock();
    for (const name of ['a', 'b', 'c', 'd']) void call(name);
    await settled();
    expect(passed(outcomes)).toEqual(['a']);
    expect(admission.load.waiting).toBe(3);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(passed(outcomes)).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(passed(outcomes)).toEqual(['a', 'b', 'c', 'd']);
    expect(outcomes.map(({ atMs }) => atMs - startMs)).toEqual([
      0, 1000, 2000, 3000,
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are not overtaken by a later call when the timer is late', async () => {
    virtualTime();
    let nowMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    const { call, outcomes } = admissionInVirtualTime({ rateLimit: waiting });
    for (const name of ['a', 'b', 'c']) void call(name);
    nowMs = 1000;
    void call('late');
    await settled();
    expect(passed(outcomes)).toEqual(['a', 'b']);
    vi.restoreAllMocks();
  });

  it('pass by priority first and in order of arrival within a priority', async () => {
    virtualTime();
    const { call, outcomes } = admissionInVirtualTime({ rateLimit: waiting });
    void call('first');
    void call('batch', { priority: -1 });
    void call('normal');
    void call('urgent', { priority: 5 });
    void call('urgent too', { priority: 5 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(passed(outcomes)).toEqual([
      'first',
      'urgent',
      'urgent too',
      'normal',
      'batch',
    ]);
  });

  it('are rejected at once, with the wait they would need, if that exceeds their maximum wait', async () => {
    virtualTime();
    const { call, outcomes } = admissionInVirtualTime({
      rateLimit: { ...waiting, maxWait: '2500ms' },
    });
    for (const name of ['a', 'b', 'c', 'd']) void call(name);
    await settled();
    expect(outcomes).toMatchObject([
      { call: 'a' },
      { call: 'd', rejection: { retryAfterMs: 3000 } },
    ]);
    await vi.advanceTimersByTimeAsync(3000);
    expect(passed(outcomes)).toEqual(['a', 'b', 'c']);
  });

  it('are rejected at once if they would wait past their deadline', async () => {
    virtualTime();
    const { call, outcomes, clock } = admissionInVirtualTime({
      rateLimit: waiting,
    });
    void call('a');
    void call('hurried', { deadline: clock() + 999 });
    void call('patient', { deadline: clock() + 1000 });
    await settled();
    expect(outcomes[1]).toMatchObject({
      call: 'hurried',
      rejection: { reason: 'rate-limit', retryAfterMs: 1000 },
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(passed(outcomes)).toEqual(['a', 'patient']);
  });

  it('are rejected as soon as calls of higher priority leave them too little time', async () => {
    virtualTime();
    const { call, outcomes, clock } = admissionInVirtualTime({
      rateLimit: { ...waiting, maxWait: '1500ms' },
    });
    const startMs = clock();
    void call('a');
    void call('slow');
    void call('urgent', { priority: 1 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(outcomes.map(({ call }) => call)).toEqual(['a', 'urgent', 'slow']);
    expect(outcomes[2]).toMatchObject({ rejection: { retryAfterMs: 1000 } });
    expect(outcomes[2].atMs - startMs).toBe(1000);
  });

  it('are rejected when the queue is full', async () => {
    virtualTime();
    const { call, outcomes, admission } = admissionInVirtualTime({
      rateLimit: { ...waiting, maxQueue: 2 },
    });
    for (const name of ['a', 'b', 'c', 'd']) void call(name);
    await settled();
    expect(admission.load.waiting).toBe(2);
    expect(outcomes[1]).toMatchObject({
      call: 'd',
      rejection: { retryAfterMs: 3000 },
    });
  });

  it('leave the queue, and their token to others, when cancelled or when their caller hangs up', async () => {
    virtualTime();
    const { call, outcomes, admission } = admissionInVirtualTime({
      rateLimit: waiting,
    });
    const own = new CallSignal();
    const hungUp = new CallSignal();
    void call('a');
    void call('cancelled', { signal: own });
    void call('hung up', { signal: hungUp });
    void call('stays');
    own.abort(new CanceledError());
    hungUp.abort(new CanceledError());
    await settled();
    expect(admission.load.waiting).toBe(1);
    expect(outcomes.slice(1).map(({ error }) => error?.name)).toEqual([
      'CanceledError',
      'CanceledError',
    ]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(passed(outcomes)).toEqual(['a', 'stays']);
  });

  it('leave no timer behind when the last one leaves or the backend closes', async () => {
    virtualTime();
    const { call, outcomes, admission } = admissionInVirtualTime({
      rateLimit: waiting,
    });
    const own = new CallSignal();
    void call('a');
    void call('cancelled', { signal: own });
    own.abort(new CanceledError());
    expect(vi.getTimerCount()).toBe(0);
    void call('b');
    admission.close();
    await settled();
    expect(vi.getTimerCount()).toBe(0);
    expect(outcomes.at(-1)).toMatchObject({
      call: 'b',
      error: { name: 'CanceledError' },
    });
    await call('c');
    expect(outcomes.at(-1)?.error?.name).toBe('CanceledError');
  });
});

describe('calls waiting for a bucket on the network', () => {
  /** One bucket of one token a second, asked over a network that takes 20 ms. */
  function farStore() {
    const asked: number[] = [];
    let freeAtMs = 0;
    let givenBack = 0;
    const decide = async (): Promise<Verdict> => {
      asked.push(performance.now());
      await new Promise((answered) => setTimeout(answered, 20));
      const waitMs = Math.max(0, freeAtMs - performance.now());
      if (waitMs === 0) freeAtMs = performance.now() + 1000;
      const [waitsMs, tokens] = [[waitMs], [0]];
      return { admitted: waitMs === 0, retryAfterMs: waitMs, waitsMs, tokens };
    };
    const adjust = () => void givenBack++;
    const store: BucketStore = {
      isLocal: false,
      plan: () => ({ decide, adjust }),
    };
    return { store, asked, givenBack: () => givenBack };
  }

  it('query the bucket only for the first call and only when its time has come', async () => {
    virtualTime();
    const { store, asked } = farStore();
    const line = admissionInVirtualTime({ rateLimit: waiting }, store);
    void line.call('a');
    await vi.advanceTimersByTimeAsync(30);
    for (const name of ['b', 'c', 'd']) void line.call(name);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(passed(line.outcomes)).toEqual(['a', 'b', 'c', 'd']);
    expect(asked.length).toBeLessThanOrEqual(4 + 3 + 3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('return a token that was granted to a call that has left', async () => {
    virtualTime();
    const { store, givenBack } = farStore();
    const line = admissionInVirtualTime({ rateLimit: waiting }, store);
    const own = new CallSignal();
    void line.call('a');
    await vi.advanceTimersByTimeAsync(30);
    void line.call('b', { signal: own });
    await vi.advanceTimersByTimeAsync(1005);
    own.abort(new CanceledError());
    await vi.advanceTimersByTimeAsync(1000);
    expect(line.outcomes.at(-1)?.error?.name).toBe('CanceledError');
    expect(givenBack()).toBe(1);
  });
});

describe('calls to a backend that has asked for a pause', () => {
  /** An answer of the backend's only host. */
  const answer = (
    status: number,
    headers: Record<string, string>,
  ): AxiosResponse => {
    const config = { headers: new AxiosHeaders() };
    return { status, headers, config, statusText: '', data: '' };
  };

  it('wait for the end of the pause, or are rejected at once when it is too long', async () => {
    virtualTime();
    const { call, outcomes, admission, end } = admissionInVirtualTime({
      rateLimit: { ...waiting, maxRate: 2, capacity: 2, maxWait: '20s' },
      listen: true,
    });
    void call('a');
    void call('b');
    void call('patient');
    void call('hurried', { deadline: performance.now() + 4000 });
    await settled();
    const [{ permit }] = outcomes;
    const paused = answer(503, { 'retry-after': '10' });
    admission.heard(permit!, paused, performance.now());
    end(outcomes[0], 'failure');
    await settled();
    expect(outcomes[2]).toMatchObject({
      call: 'hurried',
      rejection: { reason: 'quota', retryAfterMs: 10_000 },
    });
    await vi.advanceTimersByTimeAsync(9999);
    expect(passed(outcomes)).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(1);
    expect(passed(outcomes)).toEqual(['a', 'b', 'patient']);
  });
});

describe('waiting calls of different entries', () => {
  it('do not block another entry and take turns at the shared bucket', async () => {
    virtualTime();
    const { call, outcomes } = admissionInVirtualTime({
      rateLimit: { ...waiting, maxRate: 2 },
    });
    const slow = { maxRate: 1, every: '10s', onLimit: 'wait', maxWait: '1h' };
    inEntry(slow as Entry['limit'], () => {
      void call('slow 1');
      void call('slow 2');
    });
    void call('plain 1');
    void call('plain 2');
    await vi.advanceTimersByTimeAsync(2000);
    expect(passed(outcomes)).toEqual(['slow 1', 'plain 1', 'plain 2']);
    await vi.advanceTimersByTimeAsync(8000);
    expect(passed(outcomes).at(-1)).toBe('slow 2');
  });

  it('are rejected by a limit without waiting, whatever the other limit says', async () => {
    virtualTime();
    const { call, outcomes } = admissionInVirtualTime({
      rateLimit: ONE_A_SECOND,
    });
    const entry = { ...waiting, maxRate: 5, capacity: 5 } as Entry['limit'];
    inEntry(entry, () => {
      void call('a');
      void call('b');
    });
    await settled();
    expect(
      outcomes.map(({ call, rejection }) => [call, rejection?.reason]),
    ).toEqual([
      ['a', undefined],
      ['b', 'rate-limit'],
    ]);
  });
});

describe('calls waiting for a concurrency slot', () => {
  const concurrency = { maxConcurrent: 2, onLimit: 'wait', maxWait: '1s' };

  it('take slots in order as calls end, without a timer', async () => {
    virtualTime();
    const { call, outcomes, admission, end } = admissionInVirtualTime({
      concurrency,
    });
    for (const name of ['a', 'b', 'c', 'd']) void call(name);
    await settled();
    expect(passed(outcomes)).toEqual(['a', 'b']);
    expect(admission.load.underway).toBe(2);
    end(outcomes[0], 'success');
    await settled();
    expect(passed(outcomes)).toEqual(['a', 'b', 'c']);
    end(outcomes[2], 'failure');
    await settled();
    expect(passed(outcomes)).toEqual(['a', 'b', 'c', 'd']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are rejected when no slot frees up in time', async () => {
    virtualTime();
    const { call, outcomes, clock } = admissionInVirtualTime({ concurrency });
    const startMs = clock();
    for (const name of ['a', 'b', 'c']) void call(name);
    void call('hurried', { deadline: clock() + 200 });
    await vi.advanceTimersByTimeAsync(2000);
    expect(outcomes.slice(2)).toMatchObject([
      { call: 'hurried', rejection: { reason: 'concurrency' } },
      { call: 'c', rejection: { retryAfterMs: 1000 } },
    ]);
    const waited = outcomes.slice(2).map(({ atMs }) => atMs - startMs);
    expect(waited[0]).toBeLessThan(205);
    expect(waited[1]).toBeLessThan(1005);
  });

  it('spend their token when sent, so that no burst builds up behind a slow backend', async () => {
    virtualTime();
    const { call, outcomes, end } = admissionInVirtualTime({
      rateLimit: { maxRate: 1, every: '1s', capacity: 2 },
      concurrency: { maxConcurrent: 1, onLimit: 'wait', maxWait: '1h' },
    });
    void call('a');
    for (let i = 0; i < 50; i++) void call(`${i}`);
    await vi.advanceTimersByTimeAsync(60_000);
    // Everyone's token has long been there; only two of them are kept.
    for (let i = 0; i < 10; i++) {
      end(outcomes.at(-1)!);
      await settled();
    }
    expect(passed(outcomes)).toEqual(['a', '0', '1']);
  });

  it('are all rejected as soon as the breaker opens', async () => {
    virtualTime();
    const { call, outcomes, admission, end } = admissionInVirtualTime({
      concurrency,
      circuitBreaker: { maxErrors: 1, timeout: '10s' },
    });
    for (const name of ['a', 'b', 'c', 'd']) void call(name);
    await settled();
    end(outcomes[0], 'failure');
    await settled();
    expect(outcomes.slice(2)).toMatchObject([
      { call: 'c', rejection: { reason: 'circuit-open' } },
      { call: 'd', rejection: { reason: 'circuit-open' } },
    ]);
    expect(admission.load.waiting).toBe(0);
  });

  it('are all rejected when the next call ends after the breaker is forced open', async () => {
    virtualTime();
    const { call, outcomes, admission, clock, end } = admissionInVirtualTime({
      rateLimit: waiting,
      circuitBreaker: { maxErrors: 1 },
    });
    for (const name of ['a', 'b', 'c']) void call(name);
    await settled();
    admission.breaker?.forceOpen(clock());
    end(outcomes[0], 'success');
    await settled();
    expect(outcomes.slice(1)).toMatchObject([
      { call: 'b', rejection: { reason: 'circuit-open' } },
      { call: 'c', rejection: { reason: 'circuit-open' } },
    ]);
  });
});
