import { getEventListeners } from 'node:events';
import { isCancel } from 'axios';
import { BackendClient } from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { callScope } from '../../../lib/http/call-scope.js';
import { RequestLife } from '../../../lib/http/request-life.js';
import { NO_DEADLINE } from '../../../lib/core/time/deadline.js';
import {
  answer,
  fail,
  neverAnswer,
  resetAfter,
  trickle,
} from '../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../support/backend-under-test.js';
import { startGateway } from '../../support/gateway.js';
import { busyWith, isNoBusierThan } from '../../support/leftovers.js';

/** A request that knows how many listen to its end. */
class CountedLife extends RequestLife {
  readonly listening = new Set<unknown>();

  override onEnd(...args: Parameters<RequestLife['onEnd']>): void {
    this.listening.add(args[0]);
    super.onEnd(...args);
  }

  override offEnd(...args: Parameters<RequestLife['offEnd']>): void {
    this.listening.delete(args[0]);
    super.offEnd(...args);
  }
}

async function mixedUpstream() {
  const upstream = await upstreamForTest(answer());
  upstream.on('/fail', fail()).on('/reset', resetAfter(0));
  return upstream.on('/late', neverAnswer());
}

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('many calls', () => {
    const paths = ['/', '/fail', '/reset', '/stream', ...Array(6).fill('/')];

    it('leave no listener on a shared signal and request', async () => {
      const upstream = await mixedUpstream();
      const catalog = backendForTest(upstream.url);
      const { signal } = new AbortController();
      const life = new CountedLife(NO_DEADLINE);
      const call = async (path: string) => {
        const responseType = path === '/stream' ? 'stream' : 'json';
        const sent = catalog.get(path, { signal, responseType });
        const { data } = await sent.catch(() => ({ data: undefined }));
        if (responseType === 'stream') data.resume();
      };
      await callScope.run({ life }, async () => {
        for (let i = 0; i < 100; i++) await Promise.all(paths.map(call));
        await rejection(catalog.get('/late', { signal, timeout: 20 }));
      });
      await eventually(() => life.listening.size === 0);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
      // Where this process was held up, the upstream has yet to read what was sent.
      await eventually(() => upstream.arrivalsAt('/late').length === 1);
      // Those that were reset on a kept connection are sent once more.
      const resets = upstream.arrivalsAt('/reset').length;
      expect(upstream.arrivals).toHaveLength(901 + resets);
      expect(resets).toBeLessThanOrEqual(200);
    });

    it("leave no listener on a shared connection of Node's client", async () => {
      const upstream = await mixedUpstream();
      const catalog = backendForTest(upstream.url, {
        transport: 'http',
        maxConnectionsPerHost: 1,
      });
      for (let i = 0; i < 300; i++) await catalog.get('/');
      const agent = catalog.defaults.httpAgent as {
        freeSockets: Record<string, NodeJS.Socket[]>;
      };
      const [[socket]] = Object.values(agent.freeSockets);
      const counts = socket.eventNames().map((e) => socket.listenerCount(e));
      expect(Math.max(...counts)).toBeLessThan(5);
      expect(upstream.accepted).toBe(1);
    });
  });

  describe('one call', () => {
    it('creates no AbortController and does not use AbortSignal.any', async () => {
      const upstream = await mixedUpstream();
      const catalog = backendForTest(upstream.url);
      const own = new AbortController();
      const made = vi.fn<() => void>();
      class Counted extends AbortController {
        constructor() {
          super();
          made();
        }
      }
      vi.stubGlobal('AbortController', Counted);
      const any = vi.spyOn(AbortSignal, 'any');
      const timeout = vi.spyOn(AbortSignal, 'timeout');
      onTestFinished(() => {
        vi.unstubAllGlobals();
        vi.restoreAllMocks();
      });
      const life = new RequestLife(NO_DEADLINE);
      await callScope.run({ life }, async () => {
        const { config } = await catalog.get('/', { signal: own.signal });
        expect(config.signal?.aborted).toBe(false);
      });
      await rejection(catalog.get('/late', { timeout: 20 }));
      expect(made).not.toHaveBeenCalled();
      expect(any).not.toHaveBeenCalled();
      expect(timeout).not.toHaveBeenCalled();
    });
  });

  describe('a closed application', () => {
    it('leaves no socket or timer, whatever its calls are doing', async () => {
      const upstream = await mixedUpstream();
      upstream.on('/trickle', trickle(5000));
      const before = busyWith();
      const catalog = {
        hosts: [upstream.url],
        timeout: '4s',
        circuitBreaker: { maxErrors: 3, timeout: '60s' },
        idleConnectionTimeout: '30s',
      };
      const queued = { ...catalog, maxConnectionsPerHost: 1 };
      const gateway = await startGateway(
        'express',
        { backends: { catalog, queued } },
        {},
      );
      const client = gateway.app.get(BackendClient);
      const get = (path: string) => client.get('catalog', path);
      await Promise.all([get('/'), get('/'), rejection(get('/fail'))]);
      const unfinished = [
        rejection(get('/late')),
        rejection(get('/trickle')),
        rejection(client.get('queued', '/late')),
        rejection(client.get('queued', '/late')),
      ];
      const stream = await client.get('catalog', '/trickle', {
        responseType: 'stream',
      });
      await eventually(() => upstream.arrivalsAt('/late').length === 2);
      await gateway.close();
      await eventually(() => upstream.sockets.size === 0);
      expect((await Promise.all(unfinished)).every(isCancel)).toBe(true);
      expect(isCancel(await rejection(get('/')))).toBe(true);
      expect(stream.data.destroyed).toBe(true);
      await eventually(() => isNoBusierThan(before));
      expect(upstream.arrivalsAt('/late')).toHaveLength(2);
    });
  });
});
