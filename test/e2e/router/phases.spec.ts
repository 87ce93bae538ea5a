import {
  Body,
  CanActivate,
  Controller,
  ExecutionContext,
  Get,
  Injectable,
  Post,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { RouterRateLimit } from 'nestjs-floodgate';
import { beforeEach, describe, expect, it } from 'vitest';
import { GatewayParts, servers } from '../../support/gateway.js';
import { documentOf, itemsOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

interface Caller {
  headers: Record<string, string | undefined>;
}

const order: string[] = [];

function costing(place: string) {
  return () => {
    order.push(place);
    return 1;
  };
}

@Injectable()
class AppGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    order.push('APP_GUARD');
    const { headers } = context.switchToHttp().getRequest<Caller>();
    return headers.stranger === undefined;
  }
}

class OwnGuard implements CanActivate {
  constructor(private readonly place: string) {}

  canActivate(): boolean {
    order.push(this.place);
    return true;
  }
}

const many = { maxRate: 1000, capacity: 1000, every: '1h' } as const;

@UseGuards(new OwnGuard('controller guard'))
@RouterRateLimit({ ...many, phase: 'edge', cost: costing('phase edge') })
@Controller()
class PhasedController {
  @UseGuards(new OwnGuard('handler guard'))
  @RouterRateLimit({ ...many, cost: costing('interceptor') })
  @Post('phased')
  phased(@Body() _body: unknown) {
    order.push('handler');
  }

  @RouterRateLimit('login')
  @Get('login')
  login() {}
}

@Controller()
class FreeController {
  @Get('free')
  free() {}
}

const options = {
  service: { ...many, cost: costing('service') },
  policies: { login: { maxRate: 2, capacity: 2, every: '1h', phase: 'edge' } },
} as const;

describe.each(servers)('the order of phases on %s', (server) => {
  const parts: GatewayParts = {
    controllers: [PhasedController, FreeController],
    providers: [{ provide: APP_GUARD, useClass: AppGuard }],
    setUp: (app) =>
      app
        .setGlobalPrefix('api')
        .useGlobalGuards(new OwnGuard('useGlobalGuards')),
  };
  const gateway = useGateway(server, options, parts);
  const json = { 'content-type': 'application/json' };

  beforeEach(() => {
    order.length = 0;
  });

  it('is service, edge, guards, interceptor, handler', async () => {
    const answer = await gateway.call('/api/phased', {
      method: 'POST',
      headers: json,
      body: '{}',
    });
    expect(answer.status).toBe(201);
    expect(order).toEqual([
      'service',
      'phase edge',
      'APP_GUARD',
      'useGlobalGuards',
      'controller guard',
      'handler guard',
      'interceptor',
      'handler',
    ]);
  });

  it('is the order of the header fields, each once', async () => {
    const answer = await gateway.call('/api/phased', {
      method: 'POST',
      headers: json,
      body: '{}',
    });
    expect(Object.keys(itemsOf(answer, 'ratelimit'))).toEqual([
      'service',
      'endpoint',
      'endpoint-2',
    ]);
  });

  it('counts requests that a guard rejects when the phase is edge', async () => {
    const headers = { stranger: 'yes' };
    const login = () => gateway.call('/api/login', { headers });
    expect((await login()).status).toBe(403);
    expect((await login()).status).toBe(403);
    order.length = 0;
    const refused = await login();
    expect(refused.status).toBe(503);
    expect(documentOf(refused)['violated-policies']).toEqual(['login']);
    expect(order).toEqual(['service', 'phase edge']);
  });

  it('counts malformed bodies at service and edge, and unknown routes and paths outside the prefix at the service', async () => {
    const bad = { method: 'POST', headers: json, body: '{"cut' };
    expect((await gateway.call('/api/phased', bad)).status).toBe(400);
    expect((await gateway.call('/api/nowhere')).status).toBe(404);
    expect((await gateway.call('/outside')).status).toBe(404);
    expect(order).toEqual(['service', 'phase edge', 'service', 'service']);
  });

  it('applies only the service limit to routes without a limit', async () => {
    expect((await gateway.call('/api/free')).status).toBe(200);
    expect(order).toEqual(['service', 'APP_GUARD', 'useGlobalGuards']);
  });
});

describe.each(servers)('the service limit under a prefix on %s', (server) => {
  const gateway = useGateway(
    server,
    { service: { maxRate: 1, capacity: 1, every: '1h' } },
    {
      controllers: [FreeController],
      setUp: (app) => app.setGlobalPrefix('api'),
    },
  );

  it('refuses everywhere with a problem document and its fields', async () => {
    await gateway.call('/outside');
    for (const path of ['/outside', '/api/free', '/api/nowhere', '/']) {
      const refused = await gateway.call(path);
      expect(refused.status).toBe(503);
      expect(documentOf(refused)['violated-policies']).toEqual(['service']);
      expect(refused.headers['retry-after']).toMatch(/^\d+$/);
      expect(itemsOf(refused, 'ratelimit').service.r).toBe(0);
    }
  });
});
