import { describe, expect, it } from 'vitest';
import { callOptions } from '../../config/schema/call-options.schema.js';
import { deadlineAfter } from '../../core/time/deadline.js';
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
  takes,
  virtualTime,
} from './next.fixture.js';
import type { Turn } from './next.fixture.js';
import { pipeline } from './pipeline.js';

/** A call through a whole pipeline around attempts that end so. */
function calling(options: object, turns: Turn[], own = {}, burst?: number) {
  virtualTime();
  const attempts = nextOf(...turns);
  const parts = { ...partsWith(burst), attempt: attempts.next };
  const policies = callOptions.parse(options);
  const next = pipeline(policies, { ...parts, keepAlive: true });
  const end = endOf(next(contextOf(own)));
  return { ...attempts, parts, end };
}

const retry = { baseDelay: '100ms', limit: 2 };
const hedge = { after: '50ms' };
const slow = takes(1000, answers(200));

describe('the pipeline of a call', () => {
  it('has no strategy besides a resend on a fresh connection unless configured', async () => {
    const { end, contexts } = calling({}, [fails('stale'), answers()]);
    await pass();
    expect(end).toEqual({ status: 200 });
    expect(contexts).toHaveLength(2);
  });

  it('retries a failed resend at the price of one retry', async () => {
    const turns = [fails('stale'), fails('stale'), answers()];
    const { end, parts } = calling({ retry }, turns);
    await pass(100);
    expect(end).toEqual({ status: 200 });
    expect(parts.budget.counts.made).toBe(1);
  });

  it('hedges each attempt of a retry', async () => {
    const turns = [takes(60, fails('unreachable')), fails('unreachable'), slow];
    const { end, atMs } = calling({ retry, hedge }, turns);
    await pass(2000);
    // Read, hedge, both failed; the retry 100 ms later, and its hedge.
    const startMs = atMs[0];
    expect(atMs.map((at) => at - startMs)).toEqual([0, 50, 160, 210]);
    expect(end).toEqual({ status: 200 });
  });

  it('falls back once all retries have failed and not before', async () => {
    const options = { retry, fallback: { to: 'instead' } };
    const { end, contexts } = calling(options, [fails('unreachable')]);
    await pass(100);
    expect(end).toEqual({});
    await pass(200);
    expect(contexts).toHaveLength(3);
    expect(end).toEqual({ status: 200 });
  });

  it('falls back at once from an open breaker, without a retry', async () => {
    const options = { retry, hedge, fallback: { to: 'instead' } };
    const { end, contexts } = calling(options, [rejects('circuit-open')]);
    await pass();
    expect(contexts).toHaveLength(1);
    expect(end).toEqual({ status: 200 });
  });

  it('pays for retries and hedges from one budget', async () => {
    const turns = [takes(60, fails('timeout')), takes(20, fails('timeout'))];
    const { parts, contexts } = calling({ retry, hedge }, turns, {}, 2);
    await pass(5000);
    expect(contexts).toHaveLength(3);
    expect(parts.budget.counts.made).toBe(2);
    expect(parts.budget.counts.suppressed).toBeGreaterThan(0);
  });

  it('keeps all strategies within one deadline', async () => {
    virtualTime();
    const deadline = deadlineAfter(150, clock());
    const { end, contexts } = calling(
      { retry: { ...retry, limit: 9 } },
      [fails('unreachable')],
      { deadline },
    );
    await pass(1000);
    expect(contexts).toHaveLength(2);
    expect(end.error).toBeInstanceOf(BackendUnreachableException);
    expect(contexts.every((context) => context.deadline === deadline)).toBe(
      true,
    );
  });

  it('passes the priority on to every attempt', async () => {
    const turns = [fails('stale'), fails('timeout'), answers()];
    const { contexts } = calling({ retry, hedge }, turns, { priority: 7 });
    await pass(1000);
    expect(contexts.map(({ priority }) => priority)).toEqual([7, 7, 7]);
  });
});
