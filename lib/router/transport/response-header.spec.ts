import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { addToList, setHeader } from './transports.js';

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
class Reply {
  readonly headers = new Map<string, string>();
  readonly raw = {} as ServerResponse;
  getHeaders() {
    return Object.fromEntries(this.headers);
  }
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
  ['fastify', () => new Reply()],
])('headers of a %s response', (_, make) => {
  it('are set with its own API', () => {
    const response = make();
    setHeader(response, 'retry-after', '1');
    expect(response.headers.get('retry-after')).toBe('1');
  });

  it('continue a list that another plan began', () => {
    const response = make();
    addToList(response, 'ratelimit', '"a";r=1');
    expect(response.headers.get('ratelimit')).toBe('"a";r=1');

    addToList(response, 'ratelimit', '"b";r=9');
    expect(response.headers.get('ratelimit')).toBe('"a";r=1, "b";r=9');
  });
});
