import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fail } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { againIfHeldUp } from '../../../support/held-up.js';
import { Upstream } from '../../../support/upstream.js';

/** A name service with one entry, which can be changed. */
class NameService {
  asked = 0;

  constructor(public address: string) {}

  readonly lookup: LookupFunction = (_name, options, found) => {
    this.asked++;
    const { address } = this;
    if (options.all) found(null, [{ address, family: 4 }]);
    else found(null, address, 4);
  };
}

/** Two upstreams at one port of two addresses; the first is not ok. */
async function movingBackend() {
  const old = await upstreamForTest(fail(404));
  const young = await Upstream.start(undefined, {
    port: old.port,
    address: '127.0.0.2',
  });
  const stop = () => young.stop();
  return { old, young, stop, url: `http://catalog.test:${old.port}` };
}

const anyStatus = { validateStatus: () => true };

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a backend whose name resolves to a new address', () => {
    it.each(['a lookup of its own', "Node's own"])(
      'opens new connections to it, resolved by %s',
      async (which) => {
        const { old, young, stop, url } = await movingBackend();
        const names = new NameService('127.0.0.1');
        const isOwn = which === 'a lookup of its own';
        if (!isOwn) {
          vi.spyOn(dns, 'lookup').mockImplementation(names.lookup as never);
        }
        const catalog = backendForTest(url, {
          keepAlive: false,
          ...(isOwn ? { lookup: names.lookup } : {}),
        });
        expect((await catalog.get('/', anyStatus)).status).toBe(404);
        names.address = '127.0.0.2';
        expect((await catalog.get('/', anyStatus)).status).toBe(200);
        expect([old.arrivals.length, young.arrivals.length]).toEqual([1, 1]);
        expect(names.asked).toBe(2);
        await stop();
      },
    );

    it('is reached there once the connections to the old address are gone', async () => {
      const { old, young, stop, url } = await movingBackend();
      const names = new NameService('127.0.0.1');
      const catalog = backendForTest(url, {
        idleConnectionTimeout: '50ms',
        lookup: names.lookup,
      });
      await catalog.get('/', anyStatus);
      names.address = '127.0.0.2';
      await eventually(() => old.sockets.size === 0);
      await catalog.get('/');
      expect(young.arrivals).toHaveLength(1);
      await stop();
    });
  });
});

it("over Node's client, a busy connection closes at maxConnectionAge and the new address is used", async () => {
  const { young, stop, url } = await movingBackend();
  const names = new NameService('127.0.0.1');
  const catalog = backendForTest(url, {
    transport: 'http',
    maxConnectionAge: '100ms',
    lookup: names.lookup,
  });
  await catalog.get('/', anyStatus);
  names.address = '127.0.0.2';
  const endMs = performance.now() + 3000;
  while (young.arrivals.length === 0 && performance.now() < endMs) {
    await catalog.get('/', anyStatus);
  }
  expect(young.arrivals).toHaveLength(1);
  expect(names.asked).toBe(2);
  await stop();
});
