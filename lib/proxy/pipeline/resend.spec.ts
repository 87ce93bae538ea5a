import { describe, expect, it } from 'vitest';
import { BackendUnreachableException } from '../errors.js';
import {
  answers,
  contextOf,
  endOf,
  fails,
  nextOf,
  pass,
  rejects,
  virtualTime,
} from './next.fixture.js';
import type { Turn } from './next.fixture.js';
import { resend } from './resend.js';

async function resending(turns: Turn[], own = {}) {
  virtualTime();
  const { next, contexts } = nextOf(...turns);
  const end = endOf(resend(next)(contextOf(own)));
  await pass();
  return { contexts, end };
}

describe('a call on a kept connection that the backend closes', () => {
  it('is sent again at once', async () => {
    const { end, contexts } = await resending([fails('stale'), answers()]);
    expect(end).toEqual({ status: 200 });
    expect(contexts).toHaveLength(2);
  });

  it('is sent again only once', async () => {
    const { end, contexts } = await resending([fails('stale')]);
    expect(end.error).toBeInstanceOf(BackendUnreachableException);
    expect(contexts).toHaveLength(2);
  });

  it('ends with its original error when it is not admitted again', async () => {
    const trace = {};
    const turns = [fails('stale'), rejects('circuit-open')];
    const { end } = await resending(turns, { trace });
    expect(end.error).toBeInstanceOf(BackendUnreachableException);
    expect(trace).toMatchObject({ fault: 'stale', rejection: undefined });
  });

  it.each([
    [{ method: 'post' }],
    [{ method: 'PATCH' }],
    [{ method: 'put', data: { pipe() {} } }],
  ])('is not sent again with %j', async (request) => {
    const { contexts } = await resending([fails('stale')], { request });
    expect(contexts).toHaveLength(1);
  });

  it.each(['unreachable', 'timeout', 'status'] as const)(
    'is not sent again after "%s"',
    async (fault) => {
      const { contexts } = await resending([fails(fault, 500)]);
      expect(contexts).toHaveLength(1);
    },
  );
});
