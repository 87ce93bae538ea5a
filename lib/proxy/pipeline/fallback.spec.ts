import { CanceledError } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import type {
  FallbackFunction,
  FallbackPolicy,
} from '../../config/schema/call-options.schema.js';
import { fallback } from './fallback.js';
import {
  answerOf,
  answers,
  contextOf,
  fails,
  nextOf,
  rejects,
  Turn,
} from './next.fixture.js';

const calling = (policy: FallbackPolicy, turn: Turn) =>
  fallback(policy, nextOf(turn).next)(contextOf());

describe('a fallback', () => {
  it('passes an answer through', async () => {
    const to = vi.fn<() => string>();
    expect((await calling({ to }, answers(204))).status).toBe(204);
    expect(to).not.toHaveBeenCalled();
  });

  it.each([
    ['no answer', fails('unreachable')],
    ['no answer in time', fails('timeout')],
    ['an open breaker', rejects('circuit-open')],
  ])('answers in place of %s', async (_, turn) => {
    const answer = await calling({ to: { stale: true } }, turn);
    expect(answer).toMatchObject({ status: 200, data: { stale: true } });
  });

  it('may be a function of the error and the request', async () => {
    const to = vi.fn<FallbackFunction>(() => answerOf(203));
    const answer = await calling({ to }, fails('timeout'));
    expect(answer.status).toBe(203);
    expect(to.mock.calls[0]).toMatchObject([{ status: 504 }, { url: '/x' }]);
  });

  it.each([
    ['an answer that says no', 'status 500', fails('status', 500)],
    ['a cancel', 'canceled', () => Promise.reject(new CanceledError())],
  ])('does not replace %s', async (_, message, turn) => {
    await expect(calling({ to: {} }, turn)).rejects.toThrow(message);
  });

  it('replaces what `when` selects', async () => {
    const policy = { to: 'instead', when: () => true };
    const { data } = await calling(policy, fails('status', 500));
    expect(data).toBe('instead');
    const never = { to: 'instead', when: () => false };
    await expect(calling(never, fails('timeout'))).rejects.toThrow('in time');
  });

  it('replaces the error of the call when it throws', async () => {
    const to = () => {
      throw new RangeError('nothing is left');
    };
    await expect(calling({ to }, fails('timeout'))).rejects.toThrow(RangeError);
  });
});
