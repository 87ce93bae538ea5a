import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { CircuitOpenException } from 'nestjs-floodgate';
import type { BreakerTransition } from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answer, fail } from '../../../support/backend-behaviours.js';
import {
  callOver,
  rejection,
  transports,
} from '../../../support/backend-under-test.js';
import { brokenBackend, failTimes } from '../../../support/broken-backend.js';
import { againIfHeldUp } from '../../../support/held-up.js';

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a forced breaker', () => {
    it('rejects without Retry-After while forced open, and admits calls after a reset', async () => {
      const { upstream, catalog, travel } = await brokenBackend(answer());
      catalog.breaker?.forceOpen();
      travel.aheadMs = 3_600_000;
      const error = (await rejection(catalog.get('/'))) as CircuitOpenException;
      expect(error).toBeInstanceOf(CircuitOpenException);
      expect(error.retryAfterMs).toBeUndefined();
      expect(upstream.arrivals).toHaveLength(0);
      catalog.breaker?.reset();
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('admits every call while forced closed', async () => {
      const { upstream, catalog } = await brokenBackend(fail());
      catalog.breaker?.forceClosed();
      await failTimes(catalog, 10);
      expect(upstream.arrivals).toHaveLength(10);
      expect(catalog.breaker?.state).toBe('forced-closed');
    });

    it('is published like any other state', async () => {
      const seen: unknown[] = [];
      const listener = (message: unknown) => seen.push(message);
      subscribe('floodgate:breaker', listener);
      onTestFinished(() => {
        unsubscribe('floodgate:breaker', listener);
      });
      const { catalog } = await brokenBackend(answer());
      catalog.breaker?.forceOpen();
      catalog.breaker?.reset();
      expect(seen).toEqual([
        { backend: 'catalog', from: 'closed', to: 'forced-open' },
        { backend: 'catalog', from: 'forced-open', to: 'closed' },
      ]);
    });
  });

  describe('every state change', () => {
    it('is published on floodgate:breaker', async () => {
      const seen: string[] = [];
      const listener = (message: unknown) => {
        const { backend, from, to } = message as BreakerTransition;
        seen.push(`${backend}: ${from} > ${to}`);
      };
      subscribe('floodgate:breaker', listener);
      onTestFinished(() => {
        unsubscribe('floodgate:breaker', listener);
      });
      const { upstream, catalog, travel } = await brokenBackend(fail());
      await failTimes(catalog, 3);
      upstream.behave(answer());
      travel.aheadMs = 10_001;
      await catalog.get('/');
      expect(seen).toEqual([
        'catalog: closed > open',
        'catalog: open > half-open',
        'catalog: half-open > closed',
      ]);
    });
  });
});
