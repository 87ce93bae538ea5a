import { Controller, ExecutionContext, Get } from '@nestjs/common';
import { RouterRateLimit, ThrottleConfigError } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { everywhere, startGateway } from '../../support/gateway.js';
import {
  documentOf,
  mediaTypeOf,
  statusesOf,
} from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

interface Caller {
  headers: Record<string, string | undefined>;
}

const isInternal = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<Caller>().headers['x-internal'] === 'yes';

const once = { maxRate: 1, capacity: 1, every: '1h' } as const;

@Controller()
class ListedController {
  @RouterRateLimit({
    ...once,
    allow: ['10.0.0.0/8', '2001:db8:1::/48'],
    deny: ['192.0.2.0/24', '2001:db8:bad::/64', '10.9.9.9'],
  })
  @Get('listed')
  listed() {}

  @RouterRateLimit({
    ...once,
    allow: (context) => Promise.resolve(isInternal(context)),
  })
  @Get('function')
  byFunction() {}

  @RouterRateLimit([
    { ...once, name: 'small', allow: isInternal },
    { maxRate: 3, capacity: 3, every: '1h', name: 'large' },
  ])
  @Get('both')
  both() {}
}

describe.each(everywhere)(
  'allow and deny lists on $server, phase $phase',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { phase },
      { controllers: [ListedController], trustProxy: true },
    );
    const from = (address: string) => () =>
      gateway.call('/listed', { headers: { 'x-forwarded-for': address } });

    it.each(['10.1.2.3', '::ffff:10.1.2.3', '2001:db8:1:ffff::9'])(
      'let %s bypass the limit',
      async (address) => {
        expect(await statusesOf(3, from(address))).toEqual([200, 200, 200]);
      },
    );

    it.each(['192.0.2.7', '::ffff:192.0.2.7', '2001:DB8:bad:0::1', '10.9.9.9'])(
      'reject %s for good, even when it is on both lists',
      async (address) => {
        const refused = await from(address)();
        expect(refused.status).toBe(403);
        expect(mediaTypeOf(refused)).toBe('application/problem+json');
        expect(documentOf(refused)).toMatchObject({
          type: 'about:blank',
          title: 'Forbidden',
          status: 403,
        });
        expect(refused.headers['retry-after']).toBeUndefined();
      },
    );

    it('apply the limit to everybody else', async () => {
      expect(await statusesOf(2, from('198.51.100.1'))).toEqual([200, 503]);
    });

    it('may be functions, also asynchronous ones', async () => {
      const headers = { 'x-internal': 'yes' };
      const inside = () => gateway.call('/function', { headers });
      const outside = () => gateway.call('/function');
      expect(await statusesOf(3, inside)).toEqual([200, 200, 200]);
      expect(await statusesOf(2, outside)).toEqual([200, 503]);
    });

    it('affect only their own limit', async () => {
      const headers = { 'x-internal': 'yes' };
      const inside = () => gateway.call('/both', { headers });
      expect(await statusesOf(4, inside)).toEqual([200, 200, 200, 503]);
    });

    it.each([
      ['10.0.0.0/33'],
      ['2001:db8::/129'],
      ['10.0.0'],
      ['example.com'],
      ['10.0.0.1/'],
      [''],
    ])(
      'must contain addresses and ranges: %j is a fault at boot',
      async (text) => {
        const service = { ...once, deny: ['10.0.0.1', text] };
        const starting = startGateway(server, { service }, {});
        const error = await starting.then(
          () => undefined,
          (fault: unknown) => fault,
        );
        expect(error).toBeInstanceOf(ThrottleConfigError);
        const [{ path, found }] = (error as ThrottleConfigError).faults;
        expect([path, found]).toEqual([
          'service.deny[1]',
          JSON.stringify(text),
        ]);
      },
    );
  },
);
