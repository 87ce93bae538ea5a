import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import {
  AuditCounts,
  Findings,
  printPolicies,
  RouterRateLimit,
  ThrottleConfigError,
  ThrottleOptions,
  ThrottleService,
} from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Server, servers, startGateway } from '../../support/gateway.js';
import { httpCall, statusesOf } from '../../support/http-call.js';

const HOUR = { every: '1h' } as const;
const upTo = (capacity: number) => ({ maxRate: 1, capacity, ...HOUR });

/** Requests in the handler `settled`, and what they wait for there. */
let inside = 0;
let held: Promise<void> | undefined;

@Controller()
class CatalogController {
  @RouterRateLimit('named')
  @Get('named')
  named() {
    return 'ok';
  }

  @RouterRateLimit()
  @Get('configured')
  configured() {
    return 'ok';
  }

  @RouterRateLimit({ resolve: () => 'chosen' })
  @Get('resolved')
  resolved() {
    return 'ok';
  }

  @RouterRateLimit({ ...upTo(2), settle: () => 0 })
  @Get('settled')
  async settled() {
    inside++;
    await held;
    return 'ok';
  }

  @Get('free')
  free() {
    return 'ok';
  }
}

async function start(server: Server, options: ThrottleOptions) {
  const named = { named: upTo(4), chosen: upTo(4) };
  const gateway = await startGateway(
    server,
    { ...options, policies: { ...named, ...options.policies } },
    { controllers: [CatalogController] },
  );
  onTestFinished(() => gateway.close());
  const { app, url } = gateway;
  return {
    app,
    update: (changed: ThrottleOptions) =>
      app.get(ThrottleService).update({
        ...changed,
        policies: { ...named, ...changed.policies },
      }),
    call: (path: string) => httpCall(`${url}${path}`),
    statuses: (path: string, times: number) =>
      statusesOf(times, () => httpCall(`${url}${path}`)),
    url,
  };
}

const faultsOf = async (run: () => Promise<void>) => {
  try {
    await run();
  } catch (error) {
    return (error as ThrottleConfigError).faults.map(({ path }) => path);
  }
  return [];
};

describe.each(servers)('an update on %s', (server) => {
  it('changes a policy and keeps the levels of its buckets', async () => {
    const { update, statuses } = await start(server, {});
    expect(await statuses('/named', 2)).toEqual([200, 200]);
    await update({ policies: { named: upTo(8) } });
    expect(await statuses('/named', 5)).toEqual([200, 200, 200, 200, 503]);
    await update({ policies: { named: upTo(40) } });
    expect(await statuses('/named', 1)).toEqual([503]);
  });

  it('changes what a resolver returns, even for names already resolved', async () => {
    const { update, statuses } = await start(server, {});
    expect(await statuses('/resolved', 2)).toEqual([200, 200]);
    await update({ policies: { chosen: upTo(8) } });
    expect(await statuses('/resolved', 5)).toEqual([200, 200, 200, 200, 503]);
  });

  it('adds limits to routes and removes them', async () => {
    const { update, statuses, app } = await start(server, {});
    expect(await statuses('/configured', 3)).toEqual([200, 200, 200]);
    const routes = { 'GET /configured': { limits: upTo(1) } };
    await update({ routes });
    expect(await statuses('/configured', 2)).toEqual([200, 503]);
    expect(printPolicies(app)).toContain('routes["GET /configured"].limits');
    await update({});
    expect(await statuses('/configured', 2)).toEqual([200, 200]);
  });

  it('changes and removes the limit of the whole application', async () => {
    const { update, statuses } = await start(server, { service: upTo(2) });
    expect(await statuses('/free', 3)).toEqual([200, 200, 503]);
    await update({});
    expect(await statuses('/free', 3)).toEqual([200, 200, 200]);
    await update({ service: upTo(2) });
    expect(await statuses('/free', 1)).toEqual([503]);
  });

  it('settles a request by the plan that admitted it', async () => {
    const { update, statuses, call } = await start(server, {});
    let release = () => {};
    held = new Promise((resolve) => (release = resolve));
    inside = 0;
    const running = [call('/settled'), call('/settled')];
    await expect.poll(() => inside).toBe(2);
    expect(await statuses('/settled', 1)).toEqual([503]);
    await update({ policies: { named: upTo(9) } });
    release();
    await Promise.all(running);
    expect(await statuses('/settled', 2)).toEqual([200, 200]);
  });

  it('keeps the counts of limits in audit mode', async () => {
    const trial = (capacity: number) => ({
      policies: { named: { ...upTo(capacity), mode: 'audit' as const } },
    });
    const { update, statuses, app } = await start(server, trial(1));
    await statuses('/named', 2);
    await update(trial(2));
    await statuses('/named', 1);
    expect(
      app.get(AuditCounts).all.filter(({ policy }) => policy === 'named'),
    ).toMatchObject([{ requests: 3, refused: 2 }]);
  });

  it('changes nothing when it contains any fault', async () => {
    const { update, statuses, app } = await start(server, {});
    const before = printPolicies(app);
    const foundBefore = app.get(Findings).all;
    const wrong = {
      policies: { named: { maxRate: -1 }, other: upTo(1) },
      timeout: 'soon',
    };
    expect(await faultsOf(() => update(wrong))).toEqual([
      'timeout',
      'policies.named.maxRate',
    ]);
    expect(printPolicies(app)).toBe(before);
    expect(app.get(Findings).all).toEqual(foundBefore);
    expect(await statuses('/named', 5)).toEqual([200, 200, 200, 200, 503]);
  });

  it('rejects changes that need a restart', async () => {
    const { update } = await start(server, { maxClients: 10 });
    const wanted: ThrottleOptions = {
      maxClients: 11,
      server: { idleTimeout: '5s' },
      service: upTo(1),
      policies: { named: { ...upTo(4), phase: 'edge' } },
    };
    expect(await faultsOf(() => update(wanted))).toEqual([
      'maxClients',
      'server',
    ]);
    expect(await faultsOf(() => update({ maxClients: 10 }))).toEqual([]);
  });

  it('is published on a channel', async () => {
    const { update } = await start(server, {});
    const heard: unknown[] = [];
    const listen = (change: unknown) => void heard.push(change);
    subscribe('floodgate:configuration', listen);
    onTestFinished(() => void unsubscribe('floodgate:configuration', listen));
    await update({ timeout: '5s', policies: { named: upTo(5) } });
    expect(heard).toEqual([{ changed: ['policies', 'timeout'] }]);
  });

  it('fails no request when it happens 20 times under 64 connections', async () => {
    const { update, url } = await start(server, {});
    const agent = new Agent({ keepAlive: true, maxSockets: 64 });
    onTestFinished(() => agent.destroy());
    const over = new AbortController();
    const seen = new Map<number, number>();
    const hammer = async () => {
      while (!over.signal.aborted) {
        const { status } = await httpCall(`${url}/named`, { agent });
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    };
    const hammering = Array.from({ length: 64 }, hammer);
    for (let change = 0; change < 20; change++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await update({ policies: { named: upTo(change % 2 === 0 ? 100 : 200) } });
    }
    await expect.poll(() => seen.has(503)).toBe(true);
    over.abort();
    await Promise.all(hammering);
    expect([...seen.keys()].toSorted()).toEqual([200, 503]);
    // What is used up stays used up: no change fills the bucket.
    expect(seen.get(200)).toBeLessThanOrEqual(200);
  });
});
