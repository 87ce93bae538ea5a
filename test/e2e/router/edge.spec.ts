import {
  Body,
  CallHandler,
  CanActivate,
  Controller,
  ExecutionContext,
  Get,
  Injectable,
  NestInterceptor,
  Param,
  PipeTransform,
  Post,
  RequestMapping,
  RequestMethod,
  Type,
  UseGuards,
  UseInterceptors,
  Version,
  VersioningType,
} from '@nestjs/common';
import {
  RouterRateLimit,
  ThrottleConfigError,
  ThrottleOptions,
} from 'nestjs-floodgate';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  GatewayParts,
  phases,
  Server,
  servers,
  startGateway,
} from '../../support/gateway.js';
import { httpCall, itemsOf, statusesOf } from '../../support/http-call.js';
import type { CallOptions } from '../../support/http-call.js';

const once = { maxRate: 1, capacity: 1, every: '1h' } as const;
const early = { ...once, phase: 'edge' } as const;
const perClient = {
  clientMaxRate: 1,
  clientCapacity: 1,
  every: '1h',
  phase: 'edge',
} as const;

/** What came to know of requests. */
let seen: string[] = [];
beforeEach(() => {
  seen = [];
});

@Injectable()
class Usher implements CanActivate {
  canActivate() {
    seen.push('guard');
    return true;
  }
}

class Witness implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler) {
    seen.push('interceptor');
    return next.handle();
  }
}

class Pipe implements PipeTransform {
  transform(value: unknown) {
    seen.push('pipe');
    return value;
  }
}

interface Asked {
  readonly params: Record<string, string>;
  readonly body: { readonly user?: string } | undefined;
}

const requestOf = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<Asked>();

@Controller('shop')
class EdgeController {
  @UseGuards(Usher)
  @UseInterceptors(Witness)
  @RouterRateLimit(early)
  @Post('orders/:id')
  order(@Param('id', Pipe) _id: string, @Body() body: unknown) {
    seen.push('handler');
    return body;
  }

  @RouterRateLimit({ ...perClient, strategy: 'param', key: 'user' })
  @Get('users/:user')
  user() {}

  @RouterRateLimit({
    ...perClient,
    strategy: (context) => requestOf(context).body?.user,
    needsBody: true,
  })
  @Post('login')
  login(@Body() { user }: { user: string }) {
    return user;
  }

  @RouterRateLimit(early)
  @Get(['first', 'second'])
  paths() {}

  @RouterRateLimit(early)
  @RequestMapping({ path: 'any', method: RequestMethod.ALL })
  any() {}

  @RouterRateLimit(early)
  @Get('files/*')
  files() {}

  @RouterRateLimit([
    { ...early, name: 'at-edge', capacity: 5 },
    { ...once, name: 'later', phase: 'interceptor', capacity: 5 },
  ])
  @Get('both')
  both() {}
}

async function start(
  server: Server,
  options: ThrottleOptions = {},
  parts: GatewayParts = {},
) {
  const gateway = await startGateway(server, options, {
    controllers: [EdgeController],
    ...parts,
  });
  onTestFinished(() => gateway.close());
  return (path: string, more?: CallOptions) =>
    httpCall(`${gateway.url}${path}`, more);
}

const json = { 'content-type': 'application/json' };

describe.each(servers)('a limit at the edge of %s', (server) => {
  it('refuses before body parsing, guards, interceptors and pipes', async () => {
    const call = await start(server);
    const order = (body: string) =>
      call('/shop/orders/1', { method: 'POST', headers: json, body });
    expect((await order('{"a":1}')).status).toBe(201);
    expect(seen).toEqual(['guard', 'interceptor', 'pipe', 'handler']);
    seen = [];
    expect((await order('{"a":1}')).status).toBe(503);
    expect((await order('{"cut')).status).toBe(503);
    expect(seen).toEqual([]);
  });

  it('refuses a caller that has sent half of a large body', async () => {
    const call = await start(server);
    const body = JSON.stringify({ text: 'x'.repeat(50_000) });
    const send = () =>
      call('/shop/orders/1', { method: 'POST', headers: json, body });
    expect((await send()).status).toBe(201);
    const refused = await send();
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
  });

  it('sees the parameters of the route', async () => {
    const call = await start(server);
    const statuses = [];
    for (const user of ['ann', 'ben', 'ann', 'b%65n']) {
      statuses.push((await call(`/shop/users/${user}`)).status);
    }
    expect(statuses).toEqual([200, 200, 429, 429]);
  });

  it('calls a function that needs the body once the body is there', async () => {
    const call = await start(server);
    const login = async (user: string) => {
      const body = JSON.stringify({ user });
      const more = { method: 'POST', headers: json, body };
      return (await call('/shop/login', more)).status;
    };
    expect(await login('ann')).toBe(201);
    expect(await login('ben')).toBe(201);
    expect(await login('ann')).toBe(429);
  });

  it('is shared by all paths and methods of a handler', async () => {
    const call = await start(server);
    const paths = ['/shop/first', '/shop/second', '/shop/first'];
    const statuses = [];
    for (const path of paths) statuses.push((await call(path)).status);
    expect(statuses).toEqual([200, 503, 503]);
    expect((await call('/shop/any', { method: 'PUT' })).status).toBe(200);
    expect((await call('/shop/any', { method: 'PATCH' })).status).toBe(503);
  });

  it('applies to every spelling of a path', async () => {
    const call = await start(server);
    const paths = ['/shop/files/a', '/shop/files/b/c', '/shop/files/%61?x=1'];
    const statuses = [];
    for (const path of paths) statuses.push((await call(path)).status);
    expect(statuses).toEqual([200, 503, 503]);
  });

  it('applies to every path on which the framework finds the handler', async () => {
    const call = await start(server);
    expect((await call('/shop/first')).status).toBe(200);
    for (const path of ['/shop/first/', '/SHOP/first', '//shop/first']) {
      const { status } = await call(path);
      expect([path, [404, 503].includes(status)]).toEqual([path, true]);
    }
    expect((await call('/shop/first', { method: 'HEAD' })).status).toBe(503);
  });

  it('shares one answer with limits of later phases', async () => {
    const call = await start(server);
    const answer = await call('/shop/both');
    expect(itemsOf(answer, 'ratelimit')).toMatchObject({
      'at-edge': { r: 4 },
      later: { r: 4 },
    });
    expect(await statusesOf(5, () => call('/shop/both'))).toEqual([
      200, 200, 200, 200, 503,
    ]);
  });

  it('applies under a prefix and a version in the path', async () => {
    const call = await start(
      server,
      {},
      {
        setUp: (app) => {
          app.setGlobalPrefix('api');
          app.enableVersioning({
            type: VersioningType.URI,
            defaultVersion: '2',
          });
        },
      },
    );
    const path = '/api/v2/shop/first';
    expect(await statusesOf(2, () => call(path))).toEqual([200, 503]);
    expect((await call('/shop/first')).status).toBe(404);
  });
});

class Versioned {
  static controllers(): Type[] {
    @Controller('items')
    class FirstController {
      @RouterRateLimit(early)
      @Version('1')
      @Get()
      find() {}
    }

    @Controller('items')
    class SecondController {
      @RouterRateLimit(early)
      @Version('2')
      @Get()
      find() {}
    }
    return [FirstController, SecondController];
  }
}

const byHeader: GatewayParts['setUp'] = (app) =>
  app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });

describe.each(servers)('two handlers for the same path on %s', (server) => {
  it('stop the boot with the reason when a header selects between them and a limit is at the edge', async () => {
    const starting = startGateway(
      server,
      {},
      { controllers: Versioned.controllers(), setUp: byHeader },
    );
    const error = await starting.then(
      (gateway) => gateway.close(),
      (fault: unknown) => fault,
    );
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/edge/);
    expect((error as Error).message).toMatch(/version/i);
    expect((error as Error).message).toMatch(/Controller\.find/);
  });

  it('each have their own limit when the path selects between them', async () => {
    const call = await start(
      server,
      {},
      {
        controllers: Versioned.controllers(),
        setUp: (app) => app.enableVersioning({ type: VersioningType.URI }),
      },
    );
    const statuses = [];
    for (const path of ['/v1/items', '/v2/items', '/v1/items', '/v2/items']) {
      statuses.push((await call(path)).status);
    }
    expect(statuses).toEqual([200, 200, 503, 503]);
  });

  it('each have their own limit in phase interceptor, whatever selects between them', async () => {
    const controllers = ['1', '2'].map((version) => {
      @Controller('items')
      class ItemsController {
        @RouterRateLimit({ ...once, phase: 'interceptor' })
        @Version(version)
        @Get()
        find() {}
      }
      return ItemsController;
    });
    const call = await start(server, {}, { controllers, setUp: byHeader });
    const statuses = [];
    for (const version of ['1', '2', '1', '2']) {
      const headers = { 'x-version': version };
      statuses.push((await call('/items', { headers })).status);
    }
    expect(statuses).toEqual([200, 200, 503, 503]);
  });
});

describe.each(phases)('the phase %s of an application', (phase) => {
  it.each(servers)('is the default for limits on %s', async (server) => {
    @Controller()
    class UsualController {
      @UseGuards(Usher)
      @RouterRateLimit(once)
      @Get('usual')
      usual() {}

      @UseGuards(Usher)
      @RouterRateLimit('named')
      @Get('named')
      named() {}

      @UseGuards(Usher)
      @RouterRateLimit()
      @Get('configured')
      configured() {}
    }
    const call = await start(
      server,
      {
        phase,
        policies: { named: once },
        routes: { 'GET /configured': { limits: once } },
      },
      { controllers: [UsualController] },
    );
    for (const path of ['/usual', '/named', '/configured']) {
      await call(path);
      seen = [];
      expect((await call(path)).status).toBe(503);
      expect(seen).toEqual(phase === 'edge' ? [] : ['guard']);
    }
  });
});

describe('the old name of the edge phase', () => {
  const faultsOf = async (start: () => Promise<{ close(): unknown }>) => {
    try {
      await (await start()).close();
      return [];
    } catch (error) {
      return (error as ThrottleConfigError).faults ?? [];
    }
  };

  it('is a fault that mentions the new name, wherever it occurs', async () => {
    const guard = { ...once, phase: 'guard' } as never;
    @Controller()
    class OldController {
      @RouterRateLimit(guard)
      @Get()
      old() {}
    }
    const options = {
      phase: 'guard',
      policies: { named: guard },
      routes: { 'GET /': { limits: guard } },
    } as never;
    for (const start of [
      () => startGateway('express', options, {}),
      () => startGateway('express', {}, { controllers: [OldController] }),
    ]) {
      const faults = await faultsOf(start);
      expect(faults.length).toBeGreaterThan(0);
      for (const { path, allowed } of faults) {
        expect(path).toMatch(/phase$/);
        expect(allowed).toMatch(/edge/);
      }
    }
  });
});

describe.each(servers)(
  'RateLimit fields of drafts 10 and 11 on %s',
  (server) => {
    it('are identical bytes', async () => {
      const fields = [];
      for (const rateLimit of ['draft-10', 'draft-11'] as const) {
        const call = await start(server, { headers: { rateLimit } });
        const { headers } = await call('/shop/first');
        fields.push([headers.ratelimit, headers['ratelimit-policy']]);
      }
      expect(fields[0][1]).toBe('"endpoint";q=1;w=3600');
      expect(fields[1]).toEqual(fields[0]);
    });
  },
);
