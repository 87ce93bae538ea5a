import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { httpCall } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const CONNECTIONS = 64;
const HAMMERING_MS = 2000;
/** Far less than a busy machine asks for, so that some are refused. */
const client = { capacity: 10, maxRate: 5 };
const endpoint = { capacity: 20, maxRate: 8 };

@Controller()
class HammeredController {
  @RouterRateLimit({
    clientMaxRate: client.maxRate,
    clientCapacity: client.capacity,
    strategy: 'header',
    key: 'x-api-key',
  })
  @Get('client')
  client() {}

  @RouterRateLimit(endpoint)
  @Get('endpoint')
  endpoint() {}

  @RouterRateLimit({
    clientMaxRate: 2,
    clientCapacity: 5,
    strategy: 'header',
    key: 'x-api-key',
  })
  @Get('slow-client')
  slowClient() {}

  @RouterRateLimit({ maxRate: 2, capacity: 5 })
  @Get('slow-endpoint')
  slowEndpoint() {}
}

describe.each(servers)('heavy load on %s', (server) => {
  const gateway = useGateway(server, {}, { controllers: [HammeredController] });
  let agent: Agent;
  beforeAll(() => {
    agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  });
  afterAll(() => agent.destroy());

  it('from 64 connections on one client key and endpoint never gets more than capacity and rate allow', async () => {
    const counts = new Map<string, number>();
    const startMs = performance.now();
    const connection = async (_: unknown, i: number) => {
      const path = i % 2 === 0 ? '/client' : '/endpoint';
      while (performance.now() - startMs < HAMMERING_MS) {
        const { status } = await httpCall(`${gateway.url}${path}`, {
          headers: { 'x-api-key': 'ann' },
          agent,
        });
        const answer = `${path} ${status}`;
        counts.set(answer, (counts.get(answer) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    const seconds = (performance.now() - startMs) / 1000;

    expect([...counts.keys()].toSorted()).toEqual([
      '/client 200',
      '/client 429',
      '/endpoint 200',
      '/endpoint 503',
    ]);
    for (const [path, limit] of [
      ['/client', client],
      ['/endpoint', endpoint],
    ] as const) {
      const admitted = counts.get(`${path} 200`);
      expect(admitted).toBeLessThanOrEqual(
        limit.capacity + limit.maxRate * seconds,
      );
      expect(admitted).toBeGreaterThan(limit.capacity);
    }
  });

  it.each(['slow-client', 'slow-endpoint'])(
    'gives each caller refused by the %s a time after which it passes when it is alone',
    async (path) => {
      // Each of many clients is alone at its own bucket; at the endpoint's there is one caller.
      const callers = path === 'slow-client' ? CONNECTIONS : 1;
      const comesBack = async (_: unknown, i: number) => {
        const call = () =>
          httpCall(`${gateway.url}/${path}`, {
            headers: { 'x-api-key': `caller-${i}` },
            agent,
          });
        let answer = await call();
        while (answer.status === 200) answer = await call();
        const seconds = Number(answer.headers['retry-after']);
        expect(seconds).toBeGreaterThanOrEqual(1);
        await sleep(seconds * 1000);
        return (await call()).status;
      };
      const statuses = await Promise.all(
        Array.from({ length: callers }, comesBack),
      );
      expect(statuses).toEqual(Array(callers).fill(200));
    },
  );
});
