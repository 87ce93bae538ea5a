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
  async ticking() {
    const calls: Promise<string>[] = [];
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const call = this.catalog.get('/ticks');
        calls.push(
          call.then(
            () => 'sent',
            () => 'rejected',
          ),
        );
        if (calls.length < 5) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
    return Promise.all(calls);
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
  it('applies to the steps of an async generator, but not to its consumer', async () => {
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

  it('applies to the steps of a generator', async () => {
    const ends = await Promise.allSettled(shop.asked());
    const sent = ends.filter(({ status }) => status === 'fulfilled');
    expect(ends).toHaveLength(5);
    expect(sent).toHaveLength(3);
  });

  it('applies to a timer that the method starts', async () => {
    const ends = await shop.ticking();
    expect(ends.toSorted()).toEqual([
      'rejected',
      'rejected',
      'sent',
      'sent',
      'sent',
    ]);
    expect(upstream.arrivalsAt('/ticks')).toHaveLength(3);
  });
});

describe('an explicit entry', () => {
  it('is shared by all calls through it, wherever they are made, and by nobody else', async () => {
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

  it('applies to its calls even inside a decorated method', async () => {
    const wide = shop.catalog.entry('wide', { ...three, capacity: 10 });
    const ends = await Promise.allSettled(shop.through(wide));
    expect(ends.every(({ status }) => status === 'fulfilled')).toBe(true);
  });

  it('has one limit, whoever requests it', () => {
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

  it('has a limit that is validated where it is created', () => {
    const wrong = { maxRate: -1 };
    expect(() => shop.catalog.entry('wrong', wrong)).toThrow(
      ThrottleConfigError,
    );
  });
});
