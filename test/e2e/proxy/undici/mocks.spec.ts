import { Readable } from 'node:stream';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import nock from 'nock';
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  backendForTest,
  rejection,
  upstreamForTest,
} from '../../../support/backend-under-test.js';

// It is active from its import on.
nock.restore();

const catalogAt = (url: string) => backendForTest(url, { transport: 'undici' });

/** Makes a mock undici's global dispatcher until the test ends. */
function mockAgent(): MockAgent {
  const before = getGlobalDispatcher();
  const agent = new MockAgent();
  setGlobalDispatcher(agent);
  onTestFinished(async () => {
    setGlobalDispatcher(before);
    await agent.close();
  });
  return agent;
}

describe("undici's MockAgent", () => {
  it('answers backend calls', async () => {
    const agent = mockAgent();
    agent.disableNetConnect();
    agent
      .get('http://catalog.test')
      .intercept({ path: '/x', method: 'POST', body: '{"a":1}' })
      .reply(
        201,
        { made: true },
        { headers: { 'content-type': 'application/json' } },
      );
    const { status, data } = await catalogAt('http://catalog.test').post('/x', {
      a: 1,
    });
    expect([status, data]).toEqual([201, { made: true }]);
    agent.assertNoPendingInterceptors();
  });

  it('rejects unknown calls without using the network', async () => {
    const upstream = await upstreamForTest();
    mockAgent().disableNetConnect();
    const error = await rejection(catalogAt(upstream.url).get('/x'));
    expect(String((error as Error).cause)).toMatch(/mock/i);
    expect(upstream.arrivals).toHaveLength(0);
  });

  it('rejects calls sent over Node without using the network', async () => {
    const upstream = await upstreamForTest();
    mockAgent();
    const error = await rejection(
      catalogAt(upstream.url).post('/x', Readable.from(['a stream'])),
    );
    expect(error).toMatchObject({ code: 'ERR_NOT_SUPPORT' });
    expect(upstream.arrivals).toHaveLength(0);
  });

  it('lets the network answer once removed', async () => {
    const upstream = await upstreamForTest();
    const catalog = catalogAt(upstream.url);
    const before = getGlobalDispatcher();
    const agent = mockAgent();
    agent.get(upstream.url).intercept({ path: '/x' }).reply(200, 'mocked');
    expect((await catalog.get('/x')).data).toBe('mocked');
    setGlobalDispatcher(before);
    expect((await catalog.get('/x')).data).toEqual({ ok: true });
  });
});

describe('nock', () => {
  it('answers backend calls and rejects unknown ones', async () => {
    if (!nock.isActive()) nock.activate();
    nock.disableNetConnect();
    onTestFinished(() => {
      nock.cleanAll();
      nock.enableNetConnect();
      nock.restore();
    });
    const upstream = await upstreamForTest();
    const catalog = catalogAt(upstream.url);
    nock(upstream.url).get('/x').reply(200, { mocked: true });
    expect((await catalog.get('/x')).data).toEqual({ mocked: true });
    await rejection(catalog.get('/unknown'));
    expect(upstream.arrivals).toHaveLength(0);
  });
});

describe('msw', () => {
  it('answers backend calls and rejects unknown ones', async () => {
    const upstream = await upstreamForTest();
    const server = setupServer(
      http.get(`${upstream.url}/x`, () => HttpResponse.json({ mocked: true })),
    );
    server.listen({ onUnhandledRequest: 'error' });
    onTestFinished(() => server.close());
    const catalog = catalogAt(upstream.url);
    expect((await catalog.get('/x')).data).toEqual({ mocked: true });
    await rejection(catalog.get('/unknown'));
    expect(upstream.arrivals).toHaveLength(0);
  });
});
