import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StorefrontUnderTest } from './storefront.fixture.js';

vi.mock(
  '../lib/stores/clock.js',
  () => import('../test/support/stopped-clock.js'),
);

let storefront: StorefrontUnderTest;

beforeEach(async () => {
  storefront = await StorefrontUnderTest.start();
});

afterEach(() => storefront.stop());

const page = async (id = 1) => (await storefront.get(`/products/${id}`)).json();

describe('the storefront', () => {
  it('shows a product with its price, and the customer what is left of the limits', async () => {
    const response = await storefront.get('/products/1');

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: 1,
      name: 'Desk lamp',
      price: { id: 1, cents: 2490, currency: 'EUR' },
    });
    expect(response.headers.get('ratelimit-policy')).toBe(
      '"endpoint";q=100;w=1, "client";q=10;w=2',
    );
    expect(response.headers.get('ratelimit')).toMatch(
      /^"endpoint";r=9\d;t=\d+, "client";r=9;t=\d+$/,
    );
  });

  it('says not found for a product that the catalog does not know', async () => {
    expect((await storefront.get('/products/999')).status).toBe(404);
  });

  it('refuses the greedy customer alone', async () => {
    const greedy = await storefront.burst(30, '/products/1', 'mallory');
    const refused = greedy.filter(({ status }) => status === 429);

    expect(refused).toHaveLength(20);
    expect((await storefront.get('/products/1', 'alice')).status).toBe(200);
  });

  it('refuses a customer without an API key', async () => {
    expect((await storefront.get('/products/1', '')).status).toBe(429);
  });

  it('refuses everybody once search is over its quota, and says why', async () => {
    const answers = await storefront.burst(30, '/search?q=lamp');
    const refused = answers.find(({ ok }) => !ok)!;

    expect(answers.filter(({ ok }) => ok)).toHaveLength(10);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get('content-type')).toContain(
      'application/problem+json',
    );
    expect(await refused.json()).toMatchObject({
      status: 503,
      'violated-policies': ['search'],
    });
  });

  it('lets similar products take their share of the catalog, and no more', async () => {
    const similar = await storefront.burst(20, '/products/1/similar');

    expect(similar.filter(({ ok }) => ok)).toHaveLength(5);
    expect(similar.map(({ status }) => status)).toContain(503);
    expect((await storefront.get('/products/1')).status).toBe(200);
  });

  it('answers 504 when prices are too slow', async () => {
    await storefront.tellPrices('slow');
    expect((await storefront.get('/prices/1')).status).toBe(504);
  });

  describe('while prices are down', () => {
    beforeEach(async () => {
      await storefront.tellPrices('fail');
      for (let failures = 0; failures < 3; failures++) {
        await storefront.get('/prices/1');
      }
    });

    it('shows pages without a price', async () => {
      expect(await page()).toEqual({ id: 1, name: 'Desk lamp', price: null });
    });

    it('says when to ask for a price again', async () => {
      const refused = await storefront.get('/prices/1');
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(
        1,
      );
    });

    it('leaves prices in peace', async () => {
      const before = await storefront.callsToPrices();
      await storefront.burst(5, '/prices/1');
      expect(await storefront.callsToPrices()).toBe(before);
    });

    it('shows the open breaker', async () => {
      const status = await storefront.get('/status');
      expect(await status.json()).toEqual({
        catalog: 'closed',
        prices: 'open',
      });
    });
  });
});
