import { describe, expect, it } from 'vitest';
import { addToList, setHeader } from './response-header.js';

/** A response of node:http or Express, as far as headers go. */
class NodeResponse {
  readonly headers = new Map<string, string>();
  getHeader(name: string) {
    return this.headers.get(name.toLowerCase());
  }
  setHeader(name: string, value: string) {
    this.headers.set(name.toLowerCase(), value);
  }
}

/** A reply of Fastify: its own headers, over those of the raw response. */
class FastifyReply {
  readonly raw = new NodeResponse();
  readonly headers = new Map<string, string>();
  header(name: string, value: string) {
    this.headers.set(name.toLowerCase(), value);
  }
}

describe.each([
  ['node', () => new NodeResponse()],
  ['fastify', () => new FastifyReply()],
])('headers of a %s response', (_, make) => {
  it('are set in its own way', () => {
    const response = make();
    setHeader(response, 'Retry-After', '1');
    expect(response.headers.get('retry-after')).toBe('1');
  });

  it('that hold a list go on where a middleware stopped', () => {
    const response = make();
    addToList(response, 'RateLimit', '"a";r=1');
    expect(response.headers.get('ratelimit')).toBe('"a";r=1');

    const seen = make();
    const raw = seen instanceof FastifyReply ? seen.raw : seen;
    raw.setHeader('RateLimit', '"service";r=9');
    addToList(seen, 'RateLimit', '"a";r=1');
    expect(seen.headers.get('ratelimit')).toBe('"service";r=9, "a";r=1');
  });
});
