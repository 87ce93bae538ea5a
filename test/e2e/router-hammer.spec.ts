import { Agent } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servers } from '../support/gateway.js';
import { httpCall } from '../support/http-call.js';
import { useGateway } from '../support/use-gateway.js';

const CONNECTIONS = 64;
const HAMMERING_MS = 2000;
const client = { capacity: 10, maxRate: 40 };
const endpoint = { capacity: 20, maxRate: 60 };

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
}

describe.each(servers)('a storm on %s', (server) => {
  const gateway = useGateway(server, {}, { controllers: [HammeredController] });
  let agent: Agent;
  beforeAll(() => {
    agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  });
  afterAll(() => agent.destroy());

  it('of 64 connections on one client key and one endpoint never gets more than capacity and rate allow', async () => {
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
});
