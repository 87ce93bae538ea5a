import { describe, expect, it, vi } from 'vitest';
import { hedgeOptions as hedgeSchema } from '../../config/schema/retry.schema.js';
import { deadlineAfter } from '../../core/time/deadline.js';
import { CallSignal } from '../attempt/call-signal.js';
import { BackendUnreachableException } from '../errors.js';
import { hedge } from './hedge.js';
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
  takes,
  virtualTime,
} from './next.fixture.js';
import type { Turn } from './next.fixture.js';

/** A call through a hedge strategy around attempts that end so. */
function hedging(options: object, turns: Turn[], own = {}, burst?: number) {
  virtualTime();
  const policy = hedgeSchema.parse({ after: '50ms', ...options });
  const parts = { ...partsWith(burst), policy };
  const attempts = nextOf(...turns);
  const strategy = hedge(parts, attempts.next);
  const send = () => endOf(strategy(contextOf(own)));
  return { ...attempts, parts, send };
}

const slow = takes(1000, answers(200));
const quick = takes(10, answers(201));

describe('hedging', () => {
  it('sends no second request when the answer comes in time', async () => {
    const { send, contexts } = hedging({}, [quick]);
    const end = send();
    await pass(1000);
    expect(end).toEqual({ status: 201 });
    expect(contexts).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends a second request when the answer is late, and takes the first answer', async () => {
    const { send, contexts, atMs, parts } = hedging({}, [slow, quick]);
    const end = send();
    await pass(60);
    expect(end).toEqual({ status: 201 });
    expect(atMs[1] - atMs[0]).toBe(50);
    expect(contexts[0].abandoned?.aborted).toBe(true);
    expect(contexts[1].abandoned?.aborted).toBe(false);
    expect(contexts[1].avoid).toBe(1);
    expect(parts.budget.counts.made).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps waiting for the slow request when the second one fails', async () => {
    const { send } = hedging({}, [slow, fails('unreachable')]);
    const end = send();
    await pass(1000);
    expect(end).toEqual({ status: 200 });
  });

  it('reports the first error when all requests fail', async () => {
    const turns = [takes(100, fails('unreachable')), rejects('concurrency')];
    const { send } = hedging({}, turns);
    const end = send();
    await pass(1000);
    expect(end.error).toBeInstanceOf(BackendUnreachableException);
  });

  it('sends no more requests than configured', async () => {
    const { send, contexts } = hedging({ max: 2 }, [slow]);
    send();
    await pass(2000);
    expect(contexts).toHaveLength(3);
  });

  it.each([
    ['the budget does not pay for it', {}, 0],
    ['it would come after the deadline', { deadline: 40 }, 9],
    ['the read is none', { request: { method: 'post' } }, 9],
    ['its body is a stream', { request: { data: { pipe() {} } } }, 9],
  ])('sends no second request when %s', async (_, given, burst) => {
    virtualTime();
    const own = { ...given } as { deadline?: number };
    if (own.deadline) own.deadline = deadlineAfter(own.deadline, clock());
    const { send, contexts } = hedging({}, [slow], own, burst);
    send();
    await pass(500);
    expect(contexts).toHaveLength(1);
  });

  it('sends no second request when an interceptor turned the body into a stream', async () => {
    const streaming: Turn = (trace, context) => {
      trace.sent!.data = { pipe() {} };
      return slow(trace, context);
    };
    const { send, contexts } = hedging({}, [streaming]);
    send();
    await pass(500);
    expect(contexts).toHaveLength(1);
  });

  it('measures from when the request was sent, not from when the call arrived', async () => {
    const queued: Turn = async (trace, context) => {
      trace.sentAtMs = undefined;
      await new Promise((done) => setTimeout(done, 300));
      trace.sentAtMs = clock();
      return slow(trace, context);
    };
    const { send, atMs } = hedging({}, [queued, quick]);
    const [startMs] = [clock()];
    send();
    await pass(1000);
    expect(atMs[1] - startMs).toBe(350);
  });

  it('follows a quantile of recent answers once there have been twenty', async () => {
    const turns = [...Array(20).fill(quick), slow, quick] as Turn[];
    const { send, contexts } = hedging({ after: 'p95' }, turns);
    for (let i = 0; i < 20; i++) {
      send();
      await pass(10);
    }
    expect(contexts).toHaveLength(20);
    const end = send();
    await pass(100);
    expect(contexts).toHaveLength(22);
    expect(end).toEqual({ status: 201 });
  });

  it('stops when the call is cancelled', async () => {
    const abandoned = new CallSignal();
    const { send, contexts } = hedging({}, [slow], { abandoned });
    send();
    await pass(60);
    abandoned.abort(undefined);
    expect(contexts.map((context) => context.abandoned?.aborted)).toEqual([
      true,
      true,
    ]);
  });
});
