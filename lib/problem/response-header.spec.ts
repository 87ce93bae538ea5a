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

/** A reply of Fastify, which calls setting a header otherwise. */
class FastifyReply {
  readonly headers = new Map<string, string>();
  getHeader(name: string) {
    return this.headers.get(name.toLowerCase());
  }
  header(name: string, value: string) {
    this.headers.set(name.toLowerCase(), value);
  }
  status() {
    return { send: () => {} };
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

  it('that hold a list go on where another plan stopped', () => {
    const response = make();
    addToList(response, 'RateLimit', '"a";r=1');
    expect(response.headers.get('ratelimit')).toBe('"a";r=1');

    addToList(response, 'RateLimit', '"b";r=9');
    expect(response.headers.get('ratelimit')).toBe('"a";r=1, "b";r=9');
  });
});
