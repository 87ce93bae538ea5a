import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { useGateway } from '../../support/use-gateway.js';

const once = { clientMaxRate: 1, clientCapacity: 1, every: '1h' } as const;

@Controller()
class AddressesController {
  @RouterRateLimit(once)
  @Get('ip')
  ip() {}

  @RouterRateLimit(once)
  @Get('networks')
  networks() {}

  @RouterRateLimit({ ...once, ipv6Prefix: 48 })
  @Get('ip-48')
  ip48() {}
}

describe.each(everywhere)(
  'clients of $server behind a trusted proxy, phase $phase',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { phase },
      { controllers: [AddressesController], trustProxy: true },
    );
    const statuses = async (path: string, addresses: string[]) => {
      const seen = [];
      for (const address of addresses) {
        const headers = { 'x-forwarded-for': address };
        seen.push((await gateway.call(path, { headers })).status);
      }
      return seen;
    };

    it('are forwarded IPv4 addresses, even when mapped into IPv6 or followed by a port', async () => {
      expect(
        await statuses('/ip', [
          '192.0.2.1',
          '192.0.2.2',
          '192.0.2.1',
          '::ffff:192.0.2.1',
          '::ffff:c000:201',
          '192.0.2.1:5040',
        ]),
      ).toEqual([200, 200, 429, 429, 429, 429]);
    });

    it('are IPv6 networks of 64 bits', async () => {
      expect(
        await statuses('/networks', [
          '2001:db8:0:1::1',
          '2001:db8:0:1:ffff::2',
          '2001:db8:0:2::1',
          '[2001:DB8:0:1::3]:443',
        ]),
      ).toEqual([200, 429, 200, 429]);
    });

    it('are IPv6 networks as wide as the limit says', async () => {
      expect(
        await statuses('/ip-48', [
          '2001:db8:1:1::1',
          '2001:db8:1:2::1',
          '2001:db8:2:1::1',
        ]),
      ).toEqual([200, 429, 200]);
    });

    it('are refused when the forwarded value is not an address', async () => {
      expect(
        await statuses('/ip', [
          'unknown',
          'a'.repeat(8000),
          '::ffff:junk.',
          '1.2',
        ]),
      ).toEqual([429, 429, 429, 429]);
    });
  },
);
