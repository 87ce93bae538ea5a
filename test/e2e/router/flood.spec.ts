import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { pipelined } from '../../support/pipelined.js';
import { useGateway } from '../../support/use-gateway.js';

const ROUNDS = 6;
const ADDRESSES_A_ROUND = 300;

@Controller()
class FloodedController {
  @RouterRateLimit({ clientMaxRate: 100, clientCapacity: 5 })
  @Get('flooded')
  flooded() {}
}

const from = (address: string) => ({
  path: '/flooded',
  headers: { 'x-forwarded-for': address },
});

describe.each(servers)('a flood of spoofed addresses on %s', (server) => {
  const gateway = useGateway(
    server,
    { maxClients: 600 },
    { controllers: [FloodedController], trustProxy: true },
  );

  it('refuses no polite client and admits no greedy one', async () => {
    const polite = [];
    for (let round = 0; round < ROUNDS; round++) {
      const addresses = Array.from({ length: ADDRESSES_A_ROUND }, (_, i) =>
        from(`198.${18 + round}.${i >> 8}.${i & 255}`),
      );
      const flood = pipelined(gateway.url, addresses);
      polite.push((await gateway.call('/flooded', from('192.0.2.1'))).status);
      await flood;
    }
    expect(polite).toEqual(Array(ROUNDS).fill(200));

    const greedy = Array.from({ length: 200 }, () => from('192.0.2.2'));
    expect((await pipelined(gateway.url, greedy)).get(429)).toBeGreaterThan(0);
  });
});
