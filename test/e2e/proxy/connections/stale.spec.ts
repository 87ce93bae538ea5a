import { Readable } from 'node:stream';
import { BackendUnreachableException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  answer,
  inTurn,
  raw,
  resetAfter,
} from '../../../support/backend-behaviours.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import type { BackendOptions } from '../../../support/backend-under-test.js';
import { serverCertificate } from '../../../support/certificates/certificates.js';

const closed: Behaviour = ({ socket }) => {
  socket.destroy();
};

/** A backend over one connection, to an upstream that behaves so with one request after the other. */
async function oneConnection(
  behaviours: Behaviour[],
  options: BackendOptions = {},
  tls = false,
) {
  const upstream = await upstreamForTest(
    inTurn(...behaviours),
    tls ? { tls: serverCertificate } : {},
  );
  const catalog = backendForTest(upstream.url, {
    maxConnectionsPerHost: 1,
    tls: { rejectUnauthorized: false },
    ...options,
  });
  return { upstream, catalog };
}

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('a call on a kept connection that the backend closes at that moment', () => {
    it.each([
      ['closed', closed, false],
      ['reset', resetAfter(0), false],
      ['closed with https', closed, true],
    ])('is sent again: %s', async (_, end, tls) => {
      const turns = [answer(), end, answer('again')];
      const { upstream, catalog } = await oneConnection(turns, {}, tls);
      await catalog.get('/');
      expect((await catalog.get('/')).data).toBe('again');
      expect(upstream.arrivals).toHaveLength(3);
      expect(upstream.accepted).toBe(2);
    });

    it.each([
      ['post', 'data'],
      ['patch', 'data'],
      ['put', Readable.from(['gone once it is read'])],
    ] as const)(
      'fails for a %s whose body cannot be sent twice',
      async (verb, body) => {
        const turns = [answer(), closed, answer()];
        const { upstream, catalog } = await oneConnection(turns);
        await catalog.get('/');
        const error = await rejection(catalog[verb]('/', body));
        expect(error).toBeInstanceOf(BackendUnreachableException);
        expect(upstream.arrivals).toHaveLength(2);
      },
    );

    it('is sent again with the same body for a put', async () => {
      const turns = [answer(), closed, answer()];
      const { upstream, catalog } = await oneConnection(turns);
      await catalog.get('/');
      await catalog.put('/', { name: 'pen' });
      expect(upstream.arrivals.map(({ body }) => body)).toEqual([
        '',
        '{"name":"pen"}',
        '{"name":"pen"}',
      ]);
    });

    it('is sent again only once', async () => {
      const turns = [answer(), closed, closed, answer()];
      const { upstream, catalog } = await oneConnection(turns);
      await catalog.get('/');
      const error = await rejection(catalog.get('/'));
      expect(error).toBeInstanceOf(BackendUnreachableException);
      expect(upstream.arrivals).toHaveLength(3);
    });

    it('pays a token to be sent again, and fails as it did without one', async () => {
      const turns = [answer(), closed, answer()];
      const { upstream, catalog } = await oneConnection(turns, {
        rateLimit: { maxRate: 0.001, capacity: 2 },
      });
      await catalog.get('/');
      const error = await rejection(catalog.get('/'));
      expect(error).toBeInstanceOf(BackendUnreachableException);
      expect(upstream.arrivals).toHaveLength(2);
    });

    it('does not count against the backend', async () => {
      const turns = [answer(), closed, answer()];
      const { catalog } = await oneConnection(turns, {
        circuitBreaker: { maxErrors: 1 },
      });
      await catalog.get('/');
      await catalog.get('/');
      expect(catalog.breaker).toMatchObject({
        state: 'closed',
        counts: { successes: 2, failures: 0, ignored: 1 },
      });
    });
  });

  it.each([false, true])(
    'a new connection that breaks fails its call at once (https: %s)',
    async (tls) => {
      const turns = [closed, answer()];
      const { upstream, catalog } = await oneConnection(turns, {}, tls);
      const error = await rejection(catalog.get('/'));
      expect(error).toBeInstanceOf(BackendUnreachableException);
      expect(upstream.arrivals).toHaveLength(1);
    },
  );
});

it('over http, a kept connection that breaks inside the head of an answer fails its call', async () => {
  const broken: Behaviour = (exchange) => {
    raw('HTTP/1.1 200 OK\r\nConte')(exchange);
    setTimeout(() => exchange.socket.destroy(), 20);
  };
  const turns = [answer(), broken, answer()];
  const { upstream, catalog } = await oneConnection(turns);
  await catalog.get('/');
  const error = await rejection(catalog.get('/'));
  expect(error).toBeInstanceOf(BackendUnreachableException);
  expect(upstream.arrivals).toHaveLength(2);
});
