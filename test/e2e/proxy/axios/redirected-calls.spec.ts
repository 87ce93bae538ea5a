import http from 'node:http';
import { isCancel } from 'axios';
import { BackendTimeoutException } from 'nestjs-floodgate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectAsAxios } from '../../../support/axios-parity.js';
import {
  answer,
  closeAfter,
  fail,
  inTurn,
  neverAnswer,
  redirect,
  trickle,
} from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  eventually,
  rejection,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import {
  ca,
  serverCertificate,
} from '../../../support/certificates/certificates.js';
import { againIfHeldUp } from '../../../support/held-up.js';
import { busyWith, isNoBusierThan } from '../../../support/leftovers.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** An upstream that leads elsewhere, whole and broken. */
async function leadingUpstream() {
  const upstream = await upstreamForTest();
  return upstream
    .on('/old', redirect('/new'))
    .on('/moved', redirect('/new', 307))
    .on('/away', redirect(`http://localhost:${upstream.port}/new`))
    .on('/long', answer('x'.repeat(1000), 302, { location: '/new' }))
    .on('/to-500', redirect('/500'))
    .on('/500', fail())
    .on('/to-broken', redirect('/broken'))
    .on('/broken', closeAfter(10));
}

describe("a redirected call over Node's client", againIfHeldUp, () => {
  it('sends one request to the first location', async () => {
    const upstream = await leadingUpstream();
    await backendForTest(upstream.url).post('/moved', { a: 1 });
    expect(upstream.arrivalsAt('/moved')).toHaveLength(1);
    expect(upstream.arrivalsAt('/new')[0].body).toBe('{"a":1}');
  });

  it('does not wait for the body of a redirect', async () => {
    const upstream = await upstreamForTest();
    upstream.on('/old', ({ response }) => {
      response.writeHead(302, { location: '/new' });
      response.flushHeaders();
    });
    expect((await backendForTest(upstream.url).get('/old')).status).toBe(200);
  });

  it('has one deadline for all locations', async () => {
    const upstream = await upstreamForTest(neverAnswer());
    upstream.on('/old', redirect('/new'));
    const call = backendForTest(upstream.url).get('/old', { timeout: 300 });
    expect(await rejection(call)).toBeInstanceOf(BackendTimeoutException);
    expect(upstream.arrivals).toHaveLength(2);
    await eventually(() => upstream.sockets.size === 0);
  });

  it('times out when the last location trickles', async () => {
    const upstream = await upstreamForTest(trickle(5000));
    upstream.on('/old', redirect('/new'));
    const call = backendForTest(upstream.url).get('/old', { timeout: 300 });
    expect(await rejection(call)).toBeInstanceOf(BackendTimeoutException);
    await eventually(() => upstream.sockets.size === 0);
  });

  it('is cancelled by its signal at any location', async () => {
    const upstream = await upstreamForTest(neverAnswer());
    upstream.on('/old', redirect('/new'));
    const own = new AbortController();
    const call = rejection(
      backendForTest(upstream.url).get('/old', { signal: own.signal }),
    );
    await eventually(() => upstream.arrivals.length === 2);
    own.abort();
    expect(isCancel(await call)).toBe(true);
    await eventually(() => upstream.sockets.size === 0);
  });

  it('counts once for the breaker, by its last answer', async () => {
    const upstream = await leadingUpstream();
    const catalog = backendForTest(upstream.url, {
      circuitBreaker: { maxErrors: 5 },
    });
    await catalog.get('/old');
    await rejection(catalog.get('/to-500'));
    expect(catalog.breaker?.counts).toMatchObject({
      requests: 2,
      successes: 1,
      failures: 1,
    });
  });

  it('can be sent again as the answer describes it', async () => {
    const upstream = await leadingUpstream();
    const catalog = backendForTest(upstream.url);
    const { config } = await catalog.get('/old');
    expect(config).not.toHaveProperty('transport');
    expect(config).not.toHaveProperty('cancelToken');
    expect(config).not.toHaveProperty('proxy');
    expect((await catalog.request(config)).data).toEqual({ ok: true });
    expect(upstream.arrivals).toHaveLength(4);
  });

  it('leaves nothing behind', async () => {
    const upstream = await leadingUpstream();
    const before = busyWith();
    const catalog = backendForTest(upstream.url);
    const paths = ['/old', '/long', '/moved', '/to-500', '/to-broken', '/away'];
    for (let i = 0; i < 5; i++) {
      const sent = paths.map((path) => catalog.get(path));
      await Promise.allSettled(sent);
    }
    // Those of the first places are closed, as nobody reads the rest of these answers.
    await eventually(() => upstream.sockets.size <= 2 * paths.length);
    catalog.close();
    await eventually(() => upstream.sockets.size === 0);
    await eventually(() => isNoBusierThan(before));
    expect(upstream.arrivalsAt('/old')).toHaveLength(5);
  });

  it('goes through a proxy from the environment all the way', async () => {
    const { sent } = await expectAsAxios((client, upstream) => {
      vi.stubEnv('http_proxy', upstream.url);
      upstream.behave(inTurn(redirect('/new'), answer()));
      return client.get('http://catalog.test/old');
    });
    expect(sent).toMatchObject([
      { url: 'http://catalog.test/old' },
      { url: 'http://catalog.test/new' },
    ]);
  });

  it('goes through a proxy added to the environment later', async () => {
    const upstream = await upstreamForTest();
    const catalog = backendForTest('http://catalog.test');
    vi.stubEnv('HTTP_PROXY', upstream.url);
    expect((await catalog.get('/a')).data).toEqual({ ok: true });
  });

  it('follows https to https, and fails where TLS is not spoken', async () => {
    const plain = await upstreamForTest();
    const upstream = await upstreamForTest(answer(), {
      tls: serverCertificate,
    });
    upstream.on('/old', redirect('/new')).on('/down', redirect(plain.url));
    const catalog = backendForTest(upstream.url, {
      tls: { ca },
      allowOtherOrigins: true,
    });
    const { request } = await catalog.get('/old');
    expect(request.res.responseUrl).toBe(`${upstream.url}/new`);
    const headers = { authorization: 'Bearer x' };
    expect((await catalog.get('/down', { headers })).status).toBe(200);
    expect(plain.arrivals[0].request.headers).not.toHaveProperty(
      'authorization',
    );
    expect(upstream.arrivals).toHaveLength(3);
  });

  it("appears once to a layer above Node's client", async () => {
    const upstream = await leadingUpstream();
    const watched = vi.spyOn(http, 'request');
    await backendForTest(upstream.url).get('/old');
    expect(watched).toHaveBeenCalledTimes(2);
  });
});
