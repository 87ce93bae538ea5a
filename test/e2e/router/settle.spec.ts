import {
  CanActivate,
  Controller,
  ExecutionContext,
  Get,
  Injectable,
  Post,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { get } from 'node:http';
import { RequestOutcome, RouterRateLimit } from 'nestjs-floodgate';
import { beforeEach, describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { itemsOf, statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

interface Caller {
  headers: Record<string, string | undefined>;
}

const ten = { maxRate: 10, capacity: 10, every: '1h' } as const;
const seen: RequestOutcome[] = [];
let isHanging = false;

function noting(outcome: RequestOutcome): number {
  seen.push(outcome);
  return outcome.cost;
}

@Injectable()
class PasswordGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<Caller>();
    if (headers.password === 'right') return true;
    throw new UnauthorizedException();
  }
}

const onlyFailures = ({ status, cost }: RequestOutcome) =>
  status === 401 ? cost : 0;

@Controller()
class SettledController {
  @RouterRateLimit({
    clientMaxRate: 2,
    clientCapacity: 2,
    every: '1h',
    phase: 'edge',
    settle: onlyFailures,
  })
  @UseGuards(PasswordGuard)
  @Post('login')
  login() {
    return 'welcome';
  }

  @RouterRateLimit({
    ...ten,
    settle: ({ bytes = 0, cost }) => cost + Math.floor(bytes / 1000),
  })
  @Get('report')
  report() {
    return 'x'.repeat(7000);
  }

  @RouterRateLimit({
    ...ten,
    cost: 5,
    settle: ({ value, cost }) =>
      (value as { cached: boolean }).cached ? 1 : cost,
  })
  @Get('cached')
  cached() {
    return { cached: true };
  }

  @RouterRateLimit([
    { ...ten, settle: noting },
    { ...ten, name: 'fixed' },
  ])
  @Get('throws')
  throws() {
    throw new TypeError('broken');
  }

  @RouterRateLimit({ ...ten, settle: noting, timeout: '20ms' })
  @Get('late')
  late() {
    return new Promise(() => {});
  }

  @RouterRateLimit({ ...ten, settle: noting })
  @Get('hangs')
  hangs() {
    isHanging = true;
    return new Promise(() => {});
  }

  @RouterRateLimit({
    ...ten,
    clientMaxRate: 10,
    clientCapacity: 10,
    settle: noting,
  })
  @Get('halves')
  halves() {
    return 'both';
  }

  @RouterRateLimit({ ...ten, settle: () => NaN })
  @Get('bad')
  bad() {}
}

describe.each(servers)('settling by outcome on %s', (server) => {
  const gateway = useGateway(
    server,
    {},
    { controllers: [SettledController], providers: [PasswordGuard] },
  );
  const left = async (path: string) => {
    const answer = await gateway.call(path);
    return itemsOf(answer, 'ratelimit').endpoint.r;
  };

  beforeEach(() => {
    seen.length = 0;
  });

  it('counts only failed logins, even when a guard refuses them', async () => {
    const login = (password: string) => () =>
      gateway.call('/login', { method: 'POST', headers: { password } });
    expect(await statusesOf(4, login('right'))).toEqual([201, 201, 201, 201]);
    expect(await statusesOf(3, login('wrong'))).toEqual([401, 401, 429]);
    expect((await login('right')()).status).toBe(429);
  });

  it('charges an answer by its size', async () => {
    expect(await left('/report')).toBe(9);
    expect(await left('/report')).toBe(1);
  });

  it('may leave a debt that delays the next caller', async () => {
    const refused = await gateway.call('/report');
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(2_000);
  });

  it('returns what a cached answer did not cost', async () => {
    expect(await left('/cached')).toBe(5);
    expect(await left('/cached')).toBe(4);
    expect(await left('/cached')).toBe(3);
  });

  it('is called once when the handler throws', async () => {
    expect((await gateway.call('/throws')).status).toBe(500);
    await expect.poll(() => seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      status: 500,
      error: new TypeError('broken'),
      callerLeft: false,
      cost: 1,
    });
  });

  it('is called once when the deadline passes', async () => {
    expect((await gateway.call('/late')).status).toBe(504);
    await expect.poll(() => seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ status: 504, callerLeft: false });
  });

  it('is called once when the caller hangs up', async () => {
    const call = get(`${gateway.url}/hangs`, { agent: false });
    call.on('error', () => {});
    isHanging = false;
    await expect.poll(() => isHanging).toBe(true);
    call.destroy();
    await expect.poll(() => seen).toHaveLength(1);
    expect(seen[0].callerLeft).toBe(true);
    expect(seen[0].status).toBeUndefined();
  });

  it('is called once for both parts of a limit, with the answer of the handler', async () => {
    await gateway.call('/halves');
    await expect.poll(() => seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ status: 200, value: 'both', bytes: 4 });
  });

  it('keeps the charge when a function returns no cost', async () => {
    expect(await left('/bad')).toBe(9);
    expect(await left('/bad')).toBe(8);
  });
});
