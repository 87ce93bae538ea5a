import type { INestApplication, LoggerService, Type } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Server, servers } from '../../support/gateway.js';
import { Answer, httpCall, statusesOf } from '../../support/http-call.js';
import { expectShown, recipe, startRecipe } from './recipe.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

interface Page {
  AppModule: Type;
}

interface ProxyPage {
  createOnExpress(module: Type): Promise<INestApplication>;
  createOnFastify(module: Type): Promise<INestApplication>;
}

describe.each(servers)('the recipe of IPv6 networks, over %s,', (server) => {
  it('limits a /48 as well as each line in it, and no other network', async () => {
    const { AppModule } = await recipe<Page>('ipv6-networks');
    await using app = await startRecipe(server, AppModule, {
      trustProxy: true,
    });
    const from = (address: string) => () =>
      app.call('/search', { headers: { 'x-forwarded-for': address } });
    const line = await statusesOf(21, from('2001:db8:1:ffff::1'));
    expect(line.filter((status) => status === 200)).toHaveLength(20);
    const site: Answer[] = [];
    for (let i = 0; i < 81; i++) {
      site.push(await from(`2001:db8:1:${i.toString(16)}::1`)());
    }
    expect(site.filter(({ status }) => status === 200)).toHaveLength(80);
    await expectShown(site.at(-1)!, 'ipv6-networks');
    expect((await from('2001:db8:2::1')()).status).toBe(200);
  });
});

describe.each(servers)('the recipe of canonical keys, over %s,', (server) => {
  it('recognises one client in every spelling and rejects several values', async () => {
    const { AppModule } = await recipe<Page>('canonical-keys');
    await using app = await startRecipe(server, AppModule);
    const report = (tenant?: string | string[]) =>
      app.call('/report', { headers: tenant ? { 'x-tenant': tenant } : {} });
    const utf8 = (text: string) => Buffer.from(text).toString('latin1');

    expect((await report(utf8('Zoë'))).status).toBe(200);
    for (const same of ['Zoë', 'ZOË', 'zoe\u0308', ' zoë ', 'ｚｏë']) {
      expect((await report(utf8(same))).status).toBe(429);
    }
    expect((await report('other')).status).toBe(200);
    expect((await report(['a', 'b'])).status).toBe(429);
    expect((await report('a, b')).status).toBe(429);
    await expectShown(await report(), 'canonical-keys');
  });
});

describe.each(servers)('the recipe of log lines, over %s,', (server) => {
  it('writes one line, whatever the caller sent', async () => {
    const { AppModule } = await recipe<Page>('log-lines');
    const lines: string[] = [];
    const warn = (line: string, context: string) => {
      if (context === 'limits') lines.push(line);
    };
    const quiet = () => {};
    const logger: LoggerService = { log: quiet, error: quiet, warn };
    await using app = await startRecipe(server, AppModule, { logger });
    await app.call('/tenants/a%0aFORGED');
    await app.call('/tenants/a%0aFORGED');
    expect(lines).toEqual(['tenant: 1 left for a\\u{a}FORGED']);
  });
});

describe.each(servers)('the recipe of proxies, over %s,', (server) => {
  // The balancer connects over loopback; Cloudflare stands before it.
  beforeAll(
    () => void vi.stubEnv('TRUSTED_PROXIES', 'loopback, 172.64.0.0/13'),
  );
  afterAll(() => vi.unstubAllEnvs());

  /** The application of another recipe, made as this one makes it. */
  async function start(on: Server): Promise<INestApplication> {
    const { AppModule } = await recipe<Page>('cors-headers');
    const page = await recipe<ProxyPage>('behind-a-proxy');
    const app = await (on === 'express'
      ? page.createOnExpress(AppModule)
      : page.createOnFastify(AppModule));
    app.useLogger(false);
    await app.listen(0, '127.0.0.1');
    return app;
  }

  it('counts each caller separately and trusts nothing that a caller sent', async () => {
    const app = await start(server);
    const url = `${await app.getUrl()}/search`;
    const through = (...addresses: string[]) =>
      httpCall(url, { headers: { 'x-forwarded-for': addresses.join(', ') } });
    const cloudflare = '172.64.0.9';

    const twice = [
      (await through('192.0.2.1', cloudflare)).status,
      (await through('forged', '192.0.2.1', cloudflare)).status,
    ];
    const forged = [
      await through('203.0.113.9', '192.0.2.1', cloudflare),
      await through('127.0.0.1', '192.0.2.1', cloudflare),
    ].map(({ status }) => status);
    const other = await through('192.0.2.2', cloudflare);

    expect({ twice, forged, other: other.status }).toEqual({
      twice: [200, 200],
      forged: [429, 429],
      other: 200,
    });
    await app.close();
  });
});
