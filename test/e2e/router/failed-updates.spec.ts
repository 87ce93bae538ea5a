import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Controller, Get } from '@nestjs/common';
import {
  Findings,
  printPolicies,
  RouterRateLimit,
  ThrottleOptions,
  ThrottleService,
} from 'nestjs-floodgate';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type * as MemoryStores from '../../../lib/stores/memory-store.js';
import { everywhere, startGateway } from '../../support/gateway.js';
import { httpCall, itemsOf, statusesOf } from '../../support/http-call.js';

/** How many plans the store still makes; then it throws. */
let plansLeft = Infinity;
beforeEach(() => {
  plansLeft = Infinity;
});

vi.mock('../../../lib/stores/memory-store.js', async (importActual) => {
  const actual = await importActual<typeof MemoryStores>();
  class FailingStore extends actual.MemoryStore {
    override plan(...specs: Parameters<MemoryStores.MemoryStore['plan']>) {
      if (plansLeft-- <= 0) throw new Error('no more plans');
      return super.plan(...specs);
    }
  }
  return { ...actual, MemoryStore: FailingStore };
});

const upTo = (capacity: number) =>
  ({ maxRate: 1, capacity, every: '1h' }) as const;

@Controller()
class LimitedController {
  @RouterRateLimit('first')
  @Get('first')
  first() {}

  @RouterRateLimit('second')
  @Get('second')
  second() {}

  @RouterRateLimit({ resolve: () => 'third' })
  @Get('third')
  third() {}

  @RouterRateLimit()
  @Get('configured')
  configured() {}
}

const options = (capacity: number): ThrottleOptions => ({
  service: upTo(1000),
  policies: {
    first: upTo(capacity),
    second: upTo(capacity),
    third: upTo(capacity),
  },
  routes: { 'GET /configured': { limits: upTo(capacity) } },
});

const paths = ['/first', '/second', '/third', '/configured'];

describe.each(everywhere)(
  'an update that fails halfway on $server, phase $phase,',
  ({ server, phase }) => {
    const start = async () => {
      const gateway = await startGateway(
        server,
        { ...options(4), phase },
        { controllers: [LimitedController] },
      );
      onTestFinished(() => gateway.close());
      const throttle = gateway.app.get(ThrottleService);
      return {
        app: gateway.app,
        update: async (capacity: number, more: ThrottleOptions = {}) =>
          throttle.update({ ...options(capacity), ...more, phase }),
        call: (path: string) => httpCall(`${gateway.url}${path}`),
      };
    };

    it.each([0, 1, 2, 3])(
      'changes nothing when the store fails after %i plans',
      async (plans) => {
        const { app, update, call } = await start();
        for (const path of paths) {
          expect((await call(path)).status).toBe(200);
        }
        const before = printPolicies(app);
        const found = app.get(Findings).all;
        const heard: unknown[] = [];
        const hear = (change: unknown) => void heard.push(change);
        subscribe('floodgate:configuration', hear);
        onTestFinished(() => void unsubscribe('floodgate:configuration', hear));

        plansLeft = plans;
        await expect(update(9, { timeout: '5s' })).rejects.toThrow(
          'no more plans',
        );
        plansLeft = Infinity;

        expect(heard).toEqual([]);
        expect(printPolicies(app)).toBe(before);
        expect(app.get(Findings).all).toEqual(found);
        for (const path of paths) {
          // One of four was taken before the update.
          const statuses = await statusesOf(4, () => call(path));
          expect([path, ...statuses]).toEqual([path, 200, 200, 200, 503]);
        }
      },
    );

    it('does not mix with a concurrent update, whichever ends first', async () => {
      const { app, update, call } = await start();
      const capacities = [5, 6, 7, 8];
      await Promise.all(capacities.map((capacity) => update(capacity)));
      for (const path of paths) {
        const answer = await call(path);
        expect(answer.headers['ratelimit-policy']).toContain('q=8');
      }
      expect(printPolicies(app)).not.toMatch(/capacity [4-7]\b/);
    });

    it('does not block the next one', async () => {
      const { update, call } = await start();
      for (const path of paths) await call(path);
      plansLeft = 1;
      await expect(update(9)).rejects.toThrow('no more plans');
      plansLeft = Infinity;
      await update(8);
      for (const path of paths) {
        const answer = await call(path);
        expect(answer.headers['ratelimit-policy']).toContain('q=8');
        // Three of four were left, and so six of eight are.
        const items = Object.values(itemsOf(answer, 'ratelimit'));
        expect(Math.min(...items.map(({ r }) => r as number))).toBe(5);
      }
    });
  },
);
