import { describe, expect, it } from 'vitest';
import { part, verdict } from '../parts.fixture.js';
import { QuotaFields } from './quota-fields.js';

/** A response on which the service limit stands already. */
class Response {
  readonly headers = new Map([['ratelimit', '"service";r=9']]);
  getHeader(name: string) {
    return this.headers.get(name);
  }
  setHeader(name: string, value: string) {
    this.headers.set(name, value);
  }
}

interface Wish {
  parts?: ReturnType<typeof part>[];
  xRateLimit?: boolean;
  rateLimit?: 'draft-10' | false;
  isFirst?: boolean;
  decided?: ReturnType<typeof verdict>;
}

/** What stands on a response afterwards. */
function written({
  parts = [part('a', 10)],
  xRateLimit = false,
  rateLimit = 'draft-10',
  isFirst = true,
  decided,
}: Wish): Record<string, string> {
  const response = new Response();
  const writing = { headers: { rateLimit, xRateLimit }, isFirst };
  new QuotaFields(parts, writing).write(response, decided);
  return Object.fromEntries(response.headers);
}

const decided = verdict([9]);

describe('quota header fields', () => {
  it('are those that the configuration enables', () => {
    const both = Object.keys(written({ decided, xRateLimit: true }));
    expect(both.toSorted()).toEqual([
      'ratelimit',
      'ratelimit-policy',
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
    ]);
    const none = written({ decided, rateLimit: false });
    expect(none).toEqual({ ratelimit: '"service";r=9' });
  });

  it('are absent when no limit applied', () => {
    const none = written({ parts: [], xRateLimit: true, decided: verdict([]) });
    expect(none).toEqual({ ratelimit: '"service";r=9' });
  });

  it('continue after those of another plan', () => {
    expect(written({ decided, isFirst: false }).ratelimit).toBe(
      '"service";r=9, "a";r=9;t=1',
    );
  });

  it('contain only the policy when nothing could be decided', () => {
    expect(written({ isFirst: false, xRateLimit: true })).toEqual({
      ratelimit: '"service";r=9',
      'ratelimit-policy': '"a";q=10;w=1',
    });
  });
});
