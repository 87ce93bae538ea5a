import { AsyncResource } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import {
  BackendRateLimitedException,
  HttpBackend,
  InjectBackend,
  ProxyRateLimit,
  ThrottleConfigError,
} from 'nestjs-floodgate';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { startGateway } from '../../../support/gateway.js';
import type { Gateway } from '../../../support/gateway.js';
import { Upstream } from '../../../support/upstream.js';

const upstream = await Upstream.start();

/** Three calls, and then none for an hour. */
const three = { maxRate: 3, capacity: 3, every: '1h' };

@Injectable()
class Shop {
  constructor(@InjectBackend('catalog') readonly catalog: HttpBackend) {}

  @ProxyRateLimit('catalog', three)
  async *pages() {
    for (let page = 0; page < 5; page++) {
      yield (await this.catalog.get<unknown>('/pages')).data;
    }
  }

  @ProxyRateLimit('catalog', three)
  *asked() {
    for (let i = 0; i < 5; i++) yield this.catalog.get('/asked');
  }

  @ProxyRateLimit('catalog', three)
  through(backend: HttpBackend) {
    return Array.from({ length: 5 }, () => backend.get('/through'));
  }

  @ProxyRateLimit('catalog', three)
  ticking() {
    return new Promise<number>((resolve) => {
      let ticks = 0;
      const timer = setInterval(() => {
        ticks++;
        this.catalog.get('/ticks').catch(() => {
          clearInterval(timer);
          resolve(ticks);
        });
      }, 20);
    });
  }
}

let gateway: Gateway;
let shop: Shop;

beforeAll(async () => {
  const catalog = { hosts: [upstream.url] };
  const options = { backends: { catalog } };
  gateway = await startGateway('express', options, { providers: [Shop] });
  shop = gateway.app.get(Shop);
});
afterAll(async () => {
  await gateway.close();
  await upstream.stop();
});

describe('the entry of a decorated method', () => {
  it('holds for the steps of an async generator, and not for who takes its values', async () => {
    const pages: unknown[] = [];
    const reading = async () => {
      for await (const page of shop.pages()) {
        pages.push(page);
        await shop.catalog.get('/beside');
      }
    };
    await expect(reading()).rejects.toThrow(BackendRateLimitedException);
    expect(pages).toHaveLength(3);
    expect(upstream.arrivalsAt('/beside')).toHaveLength(3);
  });

  it('holds for the steps of a generator', async () => {
    const ends = await Promise.allSettled(shop.asked());
    const sent = ends.filter(({ status }) => status === 'fulfilled');
    expect(ends).toHaveLength(5);
    expect(sent).toHaveLength(3);
  });

  it('holds for a timer that the method started', async () => {
    await shop.ticking();
    expect(upstream.arrivalsAt('/ticks')).toHaveLength(3);
  });
});

describe('an entry that is taken explicitly', () => {
  it('is one for all calls through it, wherever they are made, and nobody else draws from it', async () => {
    const nightly = shop.catalog.entry('nightly', three);
    const outside = new AsyncResource('outside');
    const calls = [
      nightly.get('/nightly'),
      outside.runInAsyncScope(() => nightly.post('/nightly')),
      shop.catalog.entry('nightly', three).get('/nightly'),
      nightly.with({ retry: false }).get('/nightly'),
      shop.catalog.get('/nightly'),
      shop.catalog.entry('daily', three).get('/nightly'),
    ];
    const ends = await Promise.allSettled(calls);
    const sent = ends.map(({ status }) => status === 'fulfilled');
    expect(sent).toEqual([true, true, true, false, true, true]);
  });

  it('is that of its calls, also within a decorated method', async () => {
    const wide = shop.catalog.entry('wide', { ...three, capacity: 10 });
    const ends = await Promise.allSettled(shop.through(wide));
    expect(ends.every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  it('has one limit, whoever takes it', () => {
    const sixty = { maxRate: 1, capacity: 60 };
    shop.catalog.entry('reports', '60/1m');
    shop.catalog.entry('reports', { maxRate: 60, every: '1m', capacity: 60 });
    expect(() => shop.catalog.entry('reports', sixty)).toThrow(
      /entry "reports" of "catalog": found 1\/s, capacity 60; allowed: .* 60\/1m/,
    );
    expect(() =>
      shop.catalog.entry('reports', {
        maxRate: 60,
        every: '1m',
        capacity: 60,
        onLimit: 'wait',
      }),
    ).toThrow(ThrottleConfigError);
  });

  it('has a limit that is checked where it is made', () => {
    const wrong = { maxRate: -1 };
    expect(() => shop.catalog.entry('wrong', wrong)).toThrow(
      ThrottleConfigError,
    );
  });
});
