import type { Type } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { servers } from '../../support/gateway.js';
import { itemsOf, statusesOf } from '../../support/http-call.js';
import { putForward } from '../../support/stopped-clock.js';
import { expectShown, recipe, startRecipe } from './recipe.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

interface Page {
  AppModule: Type;
}

const MINUTE = 60_000;

describe.each(servers)('the recipe of a login, over %s,', (server) => {
  const start = async () => {
    const { AppModule } = await recipe<Page>('login-lockout');
    const application = await startRecipe(server, AppModule, {
      trustProxy: true,
    });
    const login = (email: string, password: string, address = '192.0.2.1') =>
      application.call('/login', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': address,
        },
        body: JSON.stringify({ email, password }),
      });
    return Object.assign(application, { login });
  };

  it('locks an account after five wrong passwords, in any spelling, and unlocks it three minutes later', async () => {
    await using app = await start();
    const spellings = ['ann@x.example', 'ANN@x.example', ' ann@x.example '];
    for (let i = 0; i < 5; i++) {
      const wrong = await app.login(spellings[i % 3], 'guess', `192.0.2.${i}`);
      expect(wrong.status).toBe(401);
    }
    const right = await app.login('ann@x.example', 'correct horse');
    await expectShown(right, 'login-lockout');
    expect((await app.login('bob@x.example', 'correct horse')).status).toBe(
      200,
    );
    putForward(3 * MINUTE);
    expect((await app.login('ann@x.example', 'correct horse')).status).toBe(
      200,
    );
  });

  it('checks five of a hundred simultaneous guesses', async () => {
    await using app = await start();
    const guesses = Array.from({ length: 100 }, (_, i) =>
      app.login('ann@x.example', 'guess', `198.51.100.${i}`),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(95);
  });

  it('locks an address that tries one password on many accounts', async () => {
    await using app = await start();
    let guesses = 0;
    const spray = () => app.login(`user${guesses++}@x.example`, 'guess');
    expect(await statusesOf(21, spray)).toEqual([
      ...Array<number>(20).fill(401),
      429,
    ]);
  });

  it('costs nothing for a correct password', async () => {
    await using app = await start();
    const login = () => app.login('ann@x.example', 'correct horse');
    expect(new Set(await statusesOf(30, login))).toEqual(new Set([200]));
  });
});

describe.each(servers)(
  'the recipe of tenants and users, over %s,',
  (server) => {
    const start = async () => {
      const { AppModule } = await recipe<Page>('tenant-and-user-limits');
      const application = await startRecipe(server, AppModule);
      const get = (path: string, tenant: string, user: string) =>
        application.call(path, {
          headers: { authorization: `${tenant}/${user}` },
        });
      return Object.assign(application, { get });
    };

    it('limits a user over all routes and charges the tenant nothing for refusals', async () => {
      await using app = await start();
      const orders = () => app.get('/orders', 'acme', 'ann');
      await statusesOf(15, orders);
      await statusesOf(5, () => app.get('/invoices', 'acme', 'ann'));
      await statusesOf(10, orders);
      await expectShown(await orders(), 'tenant-and-user-limits');
      const colleague = await app.get('/orders', 'acme', 'bob');
      expect(itemsOf(colleague, 'ratelimit')).toMatchObject({
        tenant: { r: 79 },
        user: { r: 19 },
      });
    });

    it('limits a tenant whose users keep to their share, and no other tenant', async () => {
      await using app = await start();
      const statuses: number[] = [];
      for (const user of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const get = () => app.get('/orders', 'acme', user);
        statuses.push(...(await statusesOf(20, get)));
      }
      expect(statuses.filter((status) => status === 200)).toHaveLength(100);
      expect((await app.get('/orders', 'other', 'a')).status).toBe(200);
    });

    it('requires a session first', async () => {
      await using app = await start();
      expect((await app.call('/orders')).status).toBe(401);
    });
  },
);

describe.each(servers)('the recipe of API keys, over %s,', (server) => {
  const start = async () => {
    const { AppModule } = await recipe<Page>('api-key-plans');
    const application = await startRecipe(server, AppModule);
    const report = (key: string) => () =>
      application.call('/report', { headers: { 'x-api-key': key } });
    return Object.assign(application, { report });
  };
  const passed = (statuses: number[]) =>
    statuses.filter((status) => status === 200).length;

  it('gives each account what its plan allows, whichever key it uses', async () => {
    await using app = await start();
    const first = await statusesOf(6, app.report('key-of-ann'));
    const second = await statusesOf(6, app.report('second-key-of-ann'));
    expect([passed(first), passed(second)]).toEqual([6, 4]);
    await expectShown(await app.report('key-of-ann')(), 'api-key-plans');
    expect(passed(await statusesOf(120, app.report('key-of-bob')))).toBe(100);
    expect(passed(await statusesOf(150, app.report('key-of-billing')))).toBe(
      150,
    );
  });

  it('limits guesses at a key', async () => {
    await using app = await start();
    let guesses = 0;
    const guess = () => app.report(`guess-${guesses++}`)();
    expect(await statusesOf(12, guess)).toEqual([
      ...Array<number>(10).fill(401),
      429,
      429,
    ]);
  });
});
