import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { pipelined } from '../../support/pipelined.js';
import { useGateway } from '../../support/use-gateway.js';

const once = { clientMaxRate: 1, clientCapacity: 1, every: '1h' } as const;

@Controller()
class HostileController {
  @RouterRateLimit({ ...once, strategy: 'header', key: 'x-api-key' })
  @Get('header')
  header() {}

  @RouterRateLimit({ ...once, strategy: 'param', key: 'user' })
  @Get('users/:user')
  param() {}

  @RouterRateLimit({ ...once, strategy: 'header', key: 'constructor' })
  @Get('constructor-header')
  constructorHeader() {}

  @RouterRateLimit({ ...once, strategy: 'header', key: '__proto__' })
  @Get('proto-header')
  protoHeader() {}

  @RouterRateLimit({ ...once, strategy: 'param', key: 'constructor' })
  @Get('constructor-param')
  constructorParam() {}

  @RouterRateLimit({ ...once, strategy: 'header', key: 'x-api-key' })
  @Get('flood')
  flood() {}
}

/** A limit alone keeps half of them. */
const MAX_CLIENTS = 20;
const FLOOD = 1_500;

describe.each(servers)('hostile callers on %s', (server) => {
  const gateway = useGateway(server, {}, { controllers: [HostileController] });
  it.each([
    ['prototype names', '__proto__', 'constructor'],
    ['inherited names', 'hasOwnProperty', 'toString'],
    ['huge values', 'k'.repeat(10_000), `${'k'.repeat(9_999)}l`],
    ['binary values', '\u0080\u00ff', '\u0080\u00fe'],
  ])(
    'are two clients with two header values that differ by %s',
    async (_, a, b) => {
      const seen = [];
      for (const key of [a, b, a, b]) {
        const headers = { 'x-api-key': key };
        seen.push((await gateway.call('/header', { headers })).status);
      }
      expect(seen).toEqual([200, 200, 429, 429]);
    },
  );

  it.each([
    ['prototype names', '__proto__', 'constructor'],
    ['odd characters', '%00', '%F0%9F%92%A3'],
    ['long values', 'p'.repeat(90), `${'p'.repeat(89)}q`],
  ])(
    'are two clients with two path values that differ by %s',
    async (_, a, b) => {
      const seen = [];
      for (const user of [a, b, a, b]) {
        seen.push((await gateway.call(`/users/${user}`)).status);
      }
      expect(seen).toEqual([200, 200, 429, 429]);
    },
  );

  it.each(['/constructor-header', '/proto-header', '/constructor-param'])(
    'do not get an inherited object property as their key (%s)',
    async (path) => {
      expect((await gateway.call(path)).status).toBe(429);
    },
  );
});

describe.each(servers)('a flood of keys on %s', (server) => {
  const gateway = useGateway(
    server,
    { maxClients: MAX_CLIENTS },
    { controllers: [HostileController] },
  );

  it('shares one bucket once the limit has its places, and frees nobody', async () => {
    const greedy = { headers: { 'x-api-key': 'greedy' } };
    expect((await gateway.call('/flood', greedy)).status).toBe(200);

    const keys = Array.from({ length: FLOOD }, (_, i) => `key-${i}`);
    const answers = await pipelined(
      gateway.url,
      keys.map((key) => ({ path: '/flood', headers: { 'x-api-key': key } })),
    );

    // One for each place that was left, and the one token of the overflow bucket.
    const admitted = MAX_CLIENTS / 2 - 1 + 1;
    expect(Object.fromEntries(answers)).toEqual({
      200: admitted,
      429: FLOOD - admitted,
    });
    expect((await gateway.call('/flood', greedy)).status).toBe(429);
  });
});
