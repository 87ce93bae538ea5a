import {
  All,
  Controller,
  Get,
  Head,
  RequestMapping,
  RequestMethod,
} from '@nestjs/common';
import { Findings, RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const one = { maxRate: 1, capacity: 1, every: '1h' } as const;

@Controller()
class ManyMethodsController {
  @RouterRateLimit()
  @All('all')
  all() {
    return 'ok';
  }

  @RouterRateLimit()
  @RequestMapping({ path: 'mapped', method: RequestMethod.ALL })
  mapped() {
    return 'ok';
  }

  @RouterRateLimit()
  @All('two')
  two() {
    return 'ok';
  }

  @RouterRateLimit({ ...one, capacity: 3, name: 'own' })
  @RouterRateLimit()
  @All('both')
  both() {
    return 'ok';
  }

  @RouterRateLimit()
  @Get(['first', 'second'])
  paths() {
    return 'ok';
  }

  @RouterRateLimit()
  @Get('got')
  got() {
    return 'ok';
  }

  @RouterRateLimit()
  @Head('headed')
  headed() {}
}

/** Without a limit at all, beside handlers of many methods. */
@Controller('free')
class FreeController {
  @All()
  all() {
    return 'ok';
  }
}

const TIMES = 3;
const admitted = Array<number>(TIMES).fill(200);
const limited = [200, 503, 503];

/** Where a limit of the configuration holds, and where it does not. */
const cases: [string, string, string, number[]][] = [
  ['POST', '/all', 'ManyMethodsController.all', limited],
  ['GET', '/all', 'ManyMethodsController.all', admitted],
  ['DELETE', '/all', 'ManyMethodsController.all', admitted],
  ['PUT', '/mapped', 'ManyMethodsController.mapped', limited],
  ['PATCH', '/mapped', 'ManyMethodsController.mapped', admitted],
  ['POST', '/two', 'ManyMethodsController.two', limited],
  ['PUT', '/two', 'ManyMethodsController.two', limited],
  ['GET', '/two', 'ManyMethodsController.two', admitted],
  ['GET', '/first', 'ManyMethodsController.paths', limited],
  ['GET', '/second', 'ManyMethodsController.paths', admitted],
  ['GET', '/got', 'ManyMethodsController.got', limited],
  ['GET', '/free', 'FreeController.all', admitted],
];

describe.each(everywhere)(
  'a method in `routes` on $server, phase $phase,',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      {
        phase,
        routes: {
          'POST /all': { limits: one },
          'PUT /mapped': { limits: one },
          'POST /two': { limits: one },
          'PUT /two': { limits: one },
          'POST /both': { limits: one },
          'GET /first': { limits: one },
          'GET /got': { limits: one },
          'HEAD /headed': { limits: one },
        },
      },
      { controllers: [ManyMethodsController, FreeController] },
    );
    const statuses = (method: string, path: string, times = TIMES) =>
      statusesOf(times, () => gateway.call(path, { method }));
    const isRemarkedOn = (handler: string) =>
      gateway.app
        .get(Findings)
        .all.some(
          ({ code, path }) =>
            code === 'handler-with-several-routes' && path.endsWith(handler),
        );

    it.each(cases)(
      'is applied or reported: %s %s',
      async (method, path, handler, expected) => {
        const seen = await statuses(method, path);
        if (expected === admitted && isRemarkedOn(handler)) return;
        // Express and Nest answer a POST with 201.
        const same = seen.map((status) => (status === 201 ? 200 : status));
        expect(same).toEqual(expected);
      },
    );

    it('adds to the limit of the decorator, which covers all methods', async () => {
      expect(await statuses('GET', '/both', 1)).toEqual([200]);
      expect((await statuses('POST', '/both', 2))[1]).toBe(503);
      const rest = await statuses('GET', '/both', 3);
      expect(rest.at(-1)).toBe(503);
    });

    it('limits HEAD by the limit of its GET', async () => {
      // The one token of GET /got was taken above, or is taken here.
      await statuses('GET', '/got', 1);
      expect(await statuses('HEAD', '/got', 1)).toEqual([503]);
      expect(await statuses('HEAD', '/headed', 2)).toEqual([200, 503]);
    });
  },
);
