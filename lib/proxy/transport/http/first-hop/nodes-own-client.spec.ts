import http from 'node:http';
import https from 'node:https';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isNodesOwn } from './nodes-own-client.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe("Node's client", () => {
  it('is its own where nothing was put in front of it', () => {
    expect(isNodesOwn()).toBe(true);
  });

  it.each([
    ['http', http],
    ['https', https],
  ])('is not where a function stands for request of %s', (_, client) => {
    vi.spyOn(client, 'request');
    expect(isNodesOwn()).toBe(false);
  });

  it('is not where a Proxy stands for request', () => {
    const { request } = http;
    onTestFinished(() => void Object.assign(http, { request }));
    Object.assign(http, { request: new Proxy(request, {}) });
    expect(isNodesOwn()).toBe(false);
  });

  it('is again once that is taken away', () => {
    vi.spyOn(http, 'request').mockRestore();
    expect(isNodesOwn()).toBe(true);
  });
});
