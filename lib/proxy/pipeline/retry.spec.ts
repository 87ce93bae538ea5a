import axios from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { retryOptions as retrySchema } from '../../config/schema/retry.schema.js';
import { RequestLife } from '../../http/request-life.js';
import { deadlineAfter, NO_DEADLINE } from '../../core/time/deadline.js';
import { BackendUnreachableException } from '../errors.js';
import {
  answers,
  clock,
  contextOf,
  endOf,
  fails,
  nextOf,
  partsWith,
  pass,
  rejects,
  virtualTime,
  Turn,
} from './next.fixture.js';
import { retry } from './retry.js';

/** A call through a retry strategy around attempts that end so. */
function retrying(options: object, turns: Turn[], own = {}, burst?: number) {
  virtualTime();
  const policy = retrySchema.parse({ baseDelay: '100ms', ...options });
  const parts = { ...partsWith(burst), policy };
  const attempts = nextOf(...turns);
  const call = retry(parts, attempts.next)(contextOf(own));
  return { ...attempts, parts, end: endOf(call) };
}

describe('retry', () => {
  it('retries a 503 after its Retry-After', async () => {
    const turn = fails('status', 503, { 'retry-after': '3' });
    const { atMs, end } = retrying({}, [turn, answers()]);
    await pass(2999);
    expect(atMs).toHaveLength(1);
    await pass(1);
    expect(end).toEqual({ status: 200 });
  });

  it.each([
    'come back in 2999',
    '-1',
    '1.5',
    ' ',
    'Fri, 31 Feb 2099 00:00:00 GMT',
  ])('ignores a Retry-After of "%s"', async (field) => {
    const turn = fails('status', 503, { 'retry-after': field });
    const { end } = retrying({}, [turn, answers()]);
    await pass(100);
    expect(end).toEqual({ status: 200 });
  });

  it('doubles its wait each time', async () => {
    const { atMs } = retrying({ limit: 3 }, [fails('unreachable')]);
    await pass(10_000);
    const gaps = atMs.slice(1).map((at, i) => at - atMs[i]);
    expect(gaps).toEqual([100, 200, 400]);
  });

  it.each(['stale', 'timeout', 'unreachable'] as const)(
    'retries an attempt that ended in "%s"',
    async (fault) => {
      const { contexts, end } = retrying({}, [fails(fault), answers()]);
      await pass(1000);
      expect(end).toEqual({ status: 200 });
      expect(contexts).toHaveLength(2);
    },
  );

  it.each([
    ['cancelled', fails('cancelled')],
    ['unsent', fails('unsent')],
    ['broken off', fails('broken-off')],
    ['too large', fails('too-large')],
    ['a 404', fails('status', 404)],
    ['refused by the breaker', rejects('circuit-open')],
    ['refused for want of a place', rejects('concurrency')],
  ])('does not retry an attempt that was %s', async (_, turn) => {
    const { contexts, end } = retrying({}, [turn]);
    await pass(1000);
    expect(end).toHaveProperty('error');
    expect(contexts).toHaveLength(1);
  });

  it('stops at its limit and throws the last error', async () => {
    const turns = [fails('unreachable'), fails('status', 503)];
    const { contexts, end } = retrying({ limit: 1 }, turns);
    await pass(1000);
    expect(contexts).toHaveLength(2);
    expect(end.error).toMatchObject({ message: 'status 503' });
  });

  it('throws the error of the sent attempt when its retry is rejected', async () => {
    const turns = [fails('unreachable'), rejects('circuit-open')];
    const { end } = retrying({}, turns);
    await pass(1000);
    expect(end.error).toBeInstanceOf(BackendUnreachableException);
  });

  it('does not retry when the budget is spent', async () => {
    const { contexts, parts } = retrying({}, [fails('timeout')], {}, 1);
    await pass(10_000);
    expect(contexts).toHaveLength(2);
    expect(parts.budget.counts).toEqual({ made: 1, suppressed: 1 });
  });

  it('does not retry when the wait would pass the deadline', async () => {
    virtualTime();
    const deadline = deadlineAfter(100, clock());
    const { contexts } = retrying({}, [fails('unreachable')], { deadline });
    await pass();
    expect(contexts).toHaveLength(1);
  });

  it('gives each attempt its own timeout within that of the call', async () => {
    virtualTime();
    const deadline = deadlineAfter(700, clock());
    const { contexts } = retrying(
      { attemptTimeout: '600ms' },
      [fails('timeout'), answers()],
      { deadline },
    );
    const [startMs] = [clock()];
    await pass(1000);
    expect(contexts.map((context) => context.deadline - startMs)).toEqual([
      600, 700,
    ]);
    expect(contexts[0].latest - startMs).toBe(600);
  });

  it('goes to another host than the previous attempt', async () => {
    const { contexts } = retrying({}, [fails('unreachable'), answers()]);
    await pass(1000);
    expect(contexts.map(({ avoid }) => avoid)).toEqual([undefined, 1]);
  });

  it.each([
    ['post', undefined, 1],
    ['put', undefined, 2],
    ['put', { pipe: () => {} }, 1],
    ['put', { getReader: () => {} }, 1],
    ['put', { next: () => {} }, 1],
  ])(
    'sends a %s with the body %s in one of %i attempts',
    async (method, data, n) => {
      const request = { method, data };
      const { contexts } = retrying({}, [fails('timeout'), answers()], {
        request,
      });
      await pass(1000);
      expect(contexts).toHaveLength(n);
    },
  );

  it.each([
    ['a method', { method: 'post' }],
    ['a stream', { data: { pipe: () => {} } }],
  ])(
    'does not retry when an interceptor gave the request %s',
    async (_, own) => {
      const turn: Turn = (trace, context) => {
        Object.assign(trace.sent!, own);
        return fails('timeout')(trace, context);
      };
      const { contexts } = retrying({}, [turn]);
      await pass(1000);
      expect(contexts).toHaveLength(1);
    },
  );

  it.each(['before', 'during'] as const)(
    'stops waiting when the caller cancels %s the wait',
    async (when) => {
      const own = new AbortController();
      const { token, cancel } = axios.CancelToken.source();
      const cancelled = () => {
        own.abort();
        cancel();
      };
      const turn: Turn = (trace, context) => {
        if (when === 'before') cancelled();
        return fails('timeout')(trace, context);
      };
      const request = { signal: own.signal };
      const limit = { limit: 1 };
      const one = retrying(limit, [turn], { request });
      const other = retrying(limit, [turn], {
        request: { cancelToken: token },
      });
      await pass(10);
      cancelled();
      await pass();
      expect(one.atMs).toHaveLength(2);
      expect(other.atMs).toHaveLength(2);
    },
  );

  it('does not wait when an interceptor gave the request an aborted signal', async () => {
    const own = new AbortController();
    const turn: Turn = (trace, context) => {
      trace.sent!.signal = own.signal;
      return fails('timeout')(trace, context);
    };
    const { atMs } = retrying({ limit: 1 }, [turn]);
    await pass(10);
    own.abort();
    await pass();
    expect(atMs).toHaveLength(2);
  });

  it('stops waiting when the inbound request or the backend ends', async () => {
    const life = new RequestLife(NO_DEADLINE);
    const first = retrying({ limit: 1 }, [fails('timeout')], { life });
    await pass();
    life.endEarly('caller-left');
    await pass();
    expect(first.atMs).toHaveLength(2);
    const second = retrying({ limit: 1 }, [fails('timeout')]);
    await pass();
    second.parts.closing.abort(undefined);
    await pass();
    expect(second.atMs).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
