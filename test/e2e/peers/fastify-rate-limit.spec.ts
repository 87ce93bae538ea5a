import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  CallHandler,
  CanActivate,
  Catch,
  Controller,
  ArgumentsHost,
  ExceptionFilter,
  ExecutionContext,
  Get,
  NestInterceptor,
  Param,
  PipeTransform,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import {
  ClientRateLimitedException,
  RefusalEvent,
  RouterRateLimit,
} from 'nestjs-floodgate';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { servers } from '../../support/gateway.js';
import { itemsOf, statusesOf } from '../../support/http-call.js';
import { putForward } from '../../support/stopped-clock.js';
import { useGateway } from '../../support/use-gateway.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

// The scenarios of @fastify/rate-limit's suites that are right for a token bucket; docs/peer-scenarios.md lists them all.

interface HttpRequest {
  headers: Record<string, string | undefined>;
  ip: string;
  query: Record<string, string | undefined>;
  userId?: string;
}

const requestOf = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<HttpRequest>();
const headerOf = (context: ExecutionContext, name: string) =>
  requestOf(context).headers[name];
const once = { clientMaxRate: 1, clientCapacity: 1, every: '1h' } as const;
const twice = { clientMaxRate: 2, clientCapacity: 2, every: '1h' } as const;

let keysAsked = 0;
let piped = 0;
let intercepted = 0;

class Signed implements CanActivate {
  canActivate(context: ExecutionContext) {
    const request = requestOf(context);
    request.userId = request.query.user;
    return true;
  }
}

class Counted implements PipeTransform {
  transform(value: unknown) {
    piped++;
    return value;
  }
}

class Beside implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler) {
    intercepted++;
    return next.handle();
  }
}

@Catch(ClientRateLimitedException)
class Elsewhere implements ExceptionFilter<ClientRateLimitedException> {
  catch(_: ClientRateLimitedException, host: ArgumentsHost) {
    const reply = host.switchToHttp().getResponse<{
      status(code: number): { header(name: string, value: string): Reply };
    }>();
    reply.status(302).header('location', '/elsewhere').send();
  }
}

interface Reply {
  send(): void;
}

@Controller()
class OpenController {
  @Get('free')
  free() {}
}

@Controller()
class ScenarioController {
  @RouterRateLimit({ ...twice, allow: ['127.0.0.1', '::1'] })
  @Get('allowed')
  allowed() {}

  @RouterRateLimit({
    ...twice,
    strategy: () => '42',
    allow: (context) => headerOf(context, 'x-my-header') !== undefined,
  })
  @Get('allowed-by-function')
  allowedByFunction() {}

  @RouterRateLimit({ name: 'told', ...once })
  @Get('told')
  told() {}

  @RouterRateLimit({
    ...twice,
    maxRate: 9,
    capacity: 9,
    strategy: (context) => {
      keysAsked++;
      return headerOf(context, 'my-custom-header');
    },
  })
  @Get('key')
  key() {}

  @RouterRateLimit({
    strategy: 'header',
    key: 'api-key',
    resolve: async (context) => {
      const isPro = headerOf(context, 'api-key') === 'pro';
      return Promise.resolve(isPro ? { ...twice } : { ...once });
    },
  })
  @Get('contenders')
  contenders() {}

  @RouterRateLimit({ ...once, strategy: 'header', key: 'api-key' })
  @Get('contenders/other')
  contendersElsewhere() {}

  @UseInterceptors(Beside)
  @RouterRateLimit(once)
  @Get('pipes/:id')
  pipes(@Param('id', Counted) id: string) {
    return id;
  }

  @RouterRateLimit({ clientMaxRate: 1, clientCapacity: 1, every: '10s' })
  @Get('patience')
  patience() {}

  @RouterRateLimit({ clientMaxRate: 10, clientCapacity: 10, every: '1h' })
  @Get('heads')
  heads() {}

  @UseGuards(Signed)
  @RouterRateLimit({
    ...once,
    strategy: (context) => requestOf(context).userId ?? requestOf(context).ip,
  })
  @Get('users')
  users() {}

  @RouterRateLimit([
    { name: 'a', ...once, allow: (context) => 'b' in requestOf(context).query },
    { name: 'b', ...once, allow: (context) => 'a' in requestOf(context).query },
  ])
  @Get('two')
  two() {}

  @RouterRateLimit('group-1')
  @Get('group/1')
  group1() {}

  @RouterRateLimit('group-2')
  @Get('group/2')
  group2() {}

  @UseFilters(Elsewhere)
  @RouterRateLimit(once)
  @Get('redirected')
  redirected() {}

  @RouterRateLimit({
    clientMaxRate: 1,
    clientCapacity: 1,
    every: '1600ms',
    strategy: 'header',
    key: 'user',
  })
  @Get('apart')
  apart() {}
}

const policies = {
  'group-1': { ...twice, shared: true },
  'group-2': { ...twice, shared: true },
};

const refusals: RefusalEvent[] = [];
const note = (event: unknown) => refusals.push(event as RefusalEvent);

describe.each(servers)(
  'what users of @fastify/rate-limit rely on, on %s:',
  (server) => {
    const gateway = useGateway(
      server,
      { policies, headers: { xRateLimit: true } },
      { controllers: [ScenarioController, OpenController] },
    );
    const call = (path: string, headers?: Record<string, string>) => () =>
      gateway.call(path, { headers });

    beforeEach(() => subscribe('floodgate:refusal', note));
    afterEach(() => {
      unsubscribe('floodgate:refusal', note);
      refusals.length = 0;
    });

    it('a handler without a limit is not limited', async () => {
      const { status, headers } = await gateway.call('/free');
      expect(status).toBe(200);
      expect(headers).not.toHaveProperty('x-ratelimit-limit');
    });

    it('addresses on the allow list are not limited', async () => {
      expect(await statusesOf(3, call('/allowed'))).toEqual([200, 200, 200]);
    });

    it('a function may choose who passes without being counted', async () => {
      const known = call('/allowed-by-function', { 'x-my-header': 'FOO BAR' });
      expect(await statusesOf(3, known)).toEqual([200, 200, 200]);
      const others = await statusesOf(3, call('/allowed-by-function'));
      expect(others).toEqual([200, 200, 429]);
    });

    it('each refusal is published, and nothing else', async () => {
      await gateway.call('/told');
      expect(refusals).toEqual([]);
      await gateway.call('/told');
      expect(refusals).toMatchObject([
        { policies: ['told'], status: 429, mode: 'enforce' },
      ]);
    });

    it('a function supplies the client key and is called once per request', async () => {
      keysAsked = 0;
      const ann = call('/key', { 'my-custom-header': 'ann' });
      expect(await statusesOf(3, ann)).toEqual([200, 200, 429]);
      expect(keysAsked).toBe(3);
      const ben = await call('/key', { 'my-custom-header': 'ben' })();
      expect(itemsOf(ben, 'ratelimit').client.r).toBe(1);
    });

    it('an asynchronous limit may depend on the caller and does not affect other handlers', async () => {
      const pro = call('/contenders', { 'api-key': 'pro' });
      expect(await statusesOf(3, pro)).toEqual([200, 200, 429]);
      const other = call('/contenders/other', { 'api-key': 'pro' });
      expect(await statusesOf(2, other)).toEqual([200, 429]);
      const poor = call('/contenders', { 'api-key': 'poor' });
      expect(await statusesOf(2, poor)).toEqual([200, 429]);
    });

    it('a refused request reaches neither pipes nor handler, and other interceptors still run', async () => {
      piped = intercepted = 0;
      expect(await statusesOf(3, call('/pipes/1'))).toEqual([200, 429, 429]);
      expect(piped).toBe(1);
      expect(intercepted).toBeGreaterThanOrEqual(1);
    });

    it('a caller that keeps asking does not have to wait longer', async () => {
      await gateway.call('/patience');
      const waits = [];
      for (let i = 0; i < 3; i++) {
        const { headers } = await gateway.call('/patience');
        expect(headers['x-ratelimit-remaining']).toBe('0');
        waits.push(Number(headers['retry-after']));
        putForward(700);
      }
      expect(waits[0]).toBeLessThanOrEqual(10);
      expect(waits[2]).toBeLessThan(waits[0]);
    });

    it('HEAD counts as its GET', async () => {
      const get = await gateway.call('/heads');
      const head = await gateway.call('/heads', { method: 'HEAD' });
      expect(get.headers['x-ratelimit-remaining']).toBe('9');
      expect(head.headers['x-ratelimit-remaining']).toBe('8');
    });

    it('the client key may come from a guard', async () => {
      const statuses = [];
      for (const query of ['', '', '?user=1', '?user=1', '?user=2']) {
        statuses.push((await gateway.call(`/users${query}`)).status);
      }
      expect(statuses).toEqual([200, 429, 200, 429, 200]);
    });

    it('each of two limits on one handler may skip requests meant for the other', async () => {
      expect(await statusesOf(2, call('/two?a'))).toEqual([200, 429]);
      expect(await statusesOf(2, call('/two?b'))).toEqual([200, 429]);
    });

    it('groups of handlers count separately', async () => {
      expect(await statusesOf(3, call('/group/1'))).toEqual([200, 200, 429]);
      expect(await statusesOf(3, call('/group/2'))).toEqual([200, 200, 429]);
    });

    it('a filter may redirect a refused caller', async () => {
      await gateway.call('/redirected');
      const { status, headers } = await gateway.call('/redirected');
      expect(status).toBe(302);
      expect(headers).toMatchObject({
        location: '/elsewhere',
        'x-ratelimit-limit': '1',
        'x-ratelimit-remaining': '0',
      });
    });

    it('each caller has its own window', async () => {
      const [ann, ben] = ['ann', 'ben'].map((user) => call('/apart', { user }));
      await ann();
      putForward(1000);
      expect((await ben()).status).toBe(200);
      putForward(600);
      expect((await ann()).status).toBe(200);
      const refused = await ben();
      expect(refused.status).toBe(429);
      putForward(Number(refused.headers['retry-after']) * 1000);
      expect((await ben()).status).toBe(200);
    });
  },
);

describe.each(servers)(
  'what users of @fastify/rate-limit rely on for all routes of %s:',
  (server) => {
    const gateway = useGateway(
      server,
      { service: { name: 'all', ...twice }, headers: { xRateLimit: true } },
      { controllers: [OpenController] },
    );

    it('unknown routes count too', async () => {
      const answers = [];
      for (let i = 0; i < 3; i++)
        answers.push(await gateway.call('/not-found'));
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 429]);
      expect(
        answers.map(({ headers }) => headers['x-ratelimit-remaining']),
      ).toEqual(['1', '0', '0']);
    });
  },
);
