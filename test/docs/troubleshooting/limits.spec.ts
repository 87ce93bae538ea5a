import {
  ArgumentsHost,
  CanActivate,
  Catch,
  Controller,
  ExceptionFilter,
  ExecutionContext,
  Get,
  Injectable,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import {
  ClientRateLimitedException,
  Findings,
  RouterRateLimit,
  ThrottleService,
} from 'nestjs-floodgate';
import { describe, expect, it, vi } from 'vitest';
import { servers } from '../../support/gateway.js';
import { httpCall, itemsOf, statusesOf } from '../../support/http-call.js';
import { putForward } from '../../support/stopped-clock.js';
import { useGateway } from '../../support/use-gateway.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

// What docs/troubleshooting.md says of limits on callers.

interface WithUser {
  user?: string;
}

@Injectable()
class LoginGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    context.switchToHttp().getRequest<WithUser>().user = 'ann';
    return true;
  }
}

const userOf = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<WithUser>().user;

@Catch(ClientRateLimitedException)
class OwnBody implements ExceptionFilter<ClientRateLimitedException> {
  catch(exception: ClientRateLimitedException, host: ArgumentsHost) {
    host
      .switchToHttp()
      .getResponse<{
        status(code: number): { send(body: unknown): unknown };
      }>()
      .status(exception.getStatus())
      .send({ message: 'slow down' });
  }
}

const perClient = (rate: number) =>
  ({ clientMaxRate: rate, clientCapacity: rate, every: '1h' }) as const;

@Controller()
class LimitedController {
  @RouterRateLimit({ clientMaxRate: 100 })
  @Get('no-capacity')
  noCapacity() {}

  @UseGuards(LoginGuard)
  @RouterRateLimit({ ...perClient(5), strategy: userOf, phase: 'edge' })
  @Get('user-at-the-edge')
  userAtTheEdge() {}

  @RouterRateLimit({ ...perClient(5), cost: 6 })
  @Get('too-dear')
  tooDear() {}

  @RouterRateLimit({ ...perClient(1), allow: ['127.0.0.0/8'] })
  @Get('allowed-proxy')
  allowedProxy() {}

  @RouterRateLimit({ ...perClient(1), deny: ['127.0.0.0/8'] })
  @Get('denied')
  denied() {}

  @UseFilters(OwnBody)
  @RouterRateLimit(perClient(1))
  @Get('own-body')
  ownBody() {}

  @RouterRateLimit('by-name')
  @Get('by-name')
  byName() {}

  @RouterRateLimit('by-name')
  @Get('by-name-too')
  byNameToo() {}

  @RouterRateLimit({ ...perClient(1), mode: 'audit' })
  @Get('on-trial')
  onTrial() {}

  @Get('free')
  free() {}

  @RouterRateLimit({ clientMaxRate: 60, clientCapacity: 60, every: '1m' })
  @Get('minute')
  minute() {}
}

describe.each(servers)('it is true of limits, over %s, that', (server) => {
  const gateway = useGateway(
    server,
    { policies: { 'by-name': perClient(2) } },
    { controllers: [LimitedController] },
  );
  const get = (path: string) => () => gateway.call(path);

  it('the second of two simultaneous requests is refused when capacity is omitted', async () => {
    expect(await statusesOf(2, get('/no-capacity'))).toEqual([200, 429]);
    const codes = gateway.app.get(Findings).all.map(({ code }) => code);
    expect(codes).toContain('capacity-default');
  });

  it('a key set by a guard is missing at the edge, and the refusal names no wait', async () => {
    const { status, headers } = await gateway.call('/user-at-the-edge');
    expect(status).toBe(429);
    expect(headers).toHaveProperty('ratelimit-policy');
    expect(headers).not.toHaveProperty('ratelimit');
    expect(headers).not.toHaveProperty('retry-after');
  });

  it('a request that costs more than the capacity gets no Retry-After', async () => {
    const { status, headers } = await gateway.call('/too-dear');
    expect(status).toBe(429);
    expect(headers).not.toHaveProperty('retry-after');
    const { headers: denied } = await gateway.call('/denied');
    expect(denied).not.toHaveProperty('retry-after');
  });

  it('everybody is allowed when the network of an untrusted proxy is', async () => {
    const through = () =>
      httpCall(`${gateway.url}/allowed-proxy`, {
        headers: { 'x-forwarded-for': '203.0.113.9' },
      });
    expect(await statusesOf(3, through)).toEqual([200, 200, 200]);
  });

  it('a filter that writes another body keeps Retry-After', async () => {
    await gateway.call('/own-body');
    const { text, headers } = await gateway.call('/own-body');
    expect(JSON.parse(text)).toEqual({ message: 'slow down' });
    expect(headers['retry-after']).toMatch(/^\d+$/);
  });

  it('each handler has its own buckets unless the policy is shared', async () => {
    expect(await statusesOf(3, get('/by-name'))).toEqual([200, 200, 429]);
    expect(await statusesOf(3, get('/by-name-too'))).toEqual([200, 200, 429]);
  });

  it('a limit in audit mode refuses nobody and appears in no header field', async () => {
    expect(await statusesOf(3, get('/on-trial'))).toEqual([200, 200, 200]);
    const { headers } = await gateway.call('/on-trial');
    expect(headers).not.toHaveProperty('ratelimit-policy');
    const { headers: free } = await gateway.call('/free');
    expect(free).not.toHaveProperty('ratelimit-policy');
  });

  it('a bucket admits its capacity plus its refill within a minute', async () => {
    const passed = async () =>
      (await statusesOf(70, get('/minute'))).filter((code) => code === 200);
    expect(await passed()).toHaveLength(60);
    putForward(30_000);
    expect(await passed()).toHaveLength(30);
  });

  it('figures in a decorator stay, whatever an update says', async () => {
    await gateway.app.get(ThrottleService).update({
      policies: { 'by-name': perClient(5) },
    });
    const named = itemsOf(await gateway.call('/by-name'), 'ratelimit-policy');
    const coded = itemsOf(await gateway.call('/own-body'), 'ratelimit-policy');
    expect(named).toMatchObject({ 'by-name': { q: 5 } });
    expect(coded).toMatchObject({ client: { q: 1 } });
  });
});
