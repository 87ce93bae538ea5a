import {
  ArgumentsHost,
  Catch,
  Controller,
  ExceptionFilter,
  ExecutionContext,
  Get,
  Post,
  UseFilters,
} from '@nestjs/common';
import {
  ClientRateLimitedException,
  RouterRateLimit,
  SkipRouterRateLimit,
} from 'nestjs-floodgate';
import { describe, expect, it, vi } from 'vitest';
import { servers } from '../../support/gateway.js';
import { documentOf, itemsOf, statusesOf } from '../../support/http-call.js';
import { putForward } from '../../support/stopped-clock.js';
import { useGateway } from '../../support/use-gateway.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

// The scenarios of @nestjs/throttler's end-to-end suites that are right for a token bucket; docs/peer-scenarios.md lists them all.

interface HttpRequest {
  headers: Record<string, string | undefined>;
}

const perClient = (rate: number) =>
  ({ clientMaxRate: rate, clientCapacity: rate, every: '1h' }) as const;
const agentOf = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<HttpRequest>().headers['user-agent'];

@RouterRateLimit({ name: 'class', ...perClient(2) })
@Controller('limit')
class LimitController {
  @Get()
  usual() {}

  @Get('other')
  other() {}

  @SkipRouterRateLimit()
  @Get('ignored')
  ignored() {}

  @SkipRouterRateLimit()
  @RouterRateLimit({ name: 'own', ...perClient(5) })
  @Get('higher')
  higher() {}

  @RouterRateLimit({ name: 'own', ...perClient(1) })
  @Get('lower')
  lower() {}
}

@Catch(ClientRateLimitedException)
class OwnMessage implements ExceptionFilter<ClientRateLimitedException> {
  catch(exception: ClientRateLimitedException, host: ArgumentsHost) {
    const reply = host.switchToHttp().getResponse<{
      status(code: number): { send(body: unknown): void };
    }>();
    const message = `enough of ${exception.refusedBy.join()}`;
    reply.status(exception.getStatus()).send({ message });
  }
}

@Controller()
class ScenarioController {
  @RouterRateLimit({
    ...perClient(1),
    allow: (context) => agentOf(context)?.startsWith('probe/') ?? false,
  })
  @Get('user-agents')
  userAgents() {}

  @RouterRateLimit({ ...perClient(1), allow: () => true })
  @Get('skip-if')
  skipIf() {}

  @RouterRateLimit({ clientMaxRate: 1, clientCapacity: 1 })
  @Post('each-second')
  eachSecond() {}

  @RouterRateLimit(['short', 'medium', 'long'])
  @Get('windows')
  windows() {}

  @RouterRateLimit(['medium', 'long'])
  @Get('without-short')
  withoutShort() {}

  @RouterRateLimit('together')
  @Get('together')
  together() {}

  @RouterRateLimit('together')
  @Get('together/1')
  togetherToo() {}

  @UseFilters(OwnMessage)
  @RouterRateLimit({ name: 'posts', ...perClient(1) })
  @Get('own-message')
  ownMessage() {}
}

const policies = {
  short: { clientMaxRate: 1, clientCapacity: 1, every: '2s' },
  medium: { clientMaxRate: 2, clientCapacity: 2, every: '1h' },
  long: { clientMaxRate: 5, clientCapacity: 5, every: '24h' },
  together: { ...perClient(2), shared: true },
} as const;

describe.each(servers)(
  'what users of @nestjs/throttler rely on, on %s:',
  (server) => {
    const gateway = useGateway(
      server,
      { policies, headers: { xRateLimit: true } },
      { controllers: [LimitController, ScenarioController] },
    );
    const call = (path: string) => () => gateway.call(path);

    it('each handler of a limited class has its own count', async () => {
      const first = await gateway.call('/limit');
      expect(first.headers).toMatchObject({
        'x-ratelimit-limit': '2',
        'x-ratelimit-remaining': '1',
        'x-ratelimit-reset': expect.stringMatching(/^\d+$/) as string,
      });
      expect(await statusesOf(2, call('/limit'))).toEqual([200, 429]);
      expect((await gateway.call('/limit')).headers['retry-after']).toMatch(
        /^\d+$/,
      );
      expect((await gateway.call('/limit/other')).status).toBe(200);
    });

    it('a skipped handler is not limited and its answers have no RateLimit fields', async () => {
      const answers = await Promise.all(
        [1, 2, 3].map(() => gateway.call('/limit/ignored')),
      );
      for (const { status, headers } of answers) {
        expect(status).toBe(200);
        expect(headers).not.toHaveProperty('x-ratelimit-limit');
        expect(headers).not.toHaveProperty('ratelimit');
      }
    });

    it('a handler may replace the limit of its class with a higher one or add a lower one', async () => {
      const higher = await gateway.call('/limit/higher');
      expect(Object.keys(itemsOf(higher, 'ratelimit'))).toEqual(['own']);
      expect(await statusesOf(5, call('/limit/higher'))).toEqual([
        200, 200, 200, 200, 429,
      ]);
      const lower = await gateway.call('/limit/lower');
      expect(itemsOf(lower, 'ratelimit')).toMatchObject({
        class: { r: 1 },
        own: { r: 0 },
      });
      expect((await gateway.call('/limit/lower')).status).toBe(429);
    });

    it('selected user agents are not counted', async () => {
      const headers = { 'user-agent': 'probe/1.0' };
      const probe = () => gateway.call('/user-agents', { headers });
      expect(await statusesOf(3, probe)).toEqual([200, 200, 200]);
      expect(await statusesOf(2, call('/user-agents'))).toEqual([200, 429]);
    });

    it('a condition may exempt requests', async () => {
      expect(await statusesOf(5, call('/skip-if'))).toEqual(Array(5).fill(200));
    });

    it('a refused request passes after its Retry-After and is then refused again', async () => {
      const post = () => gateway.call('/each-second', { method: 'POST' });
      expect((await post()).status).toBe(201);
      const refused = await post();
      expect(refused.status).toBe(429);
      putForward(Number(refused.headers['retry-after']) * 1000);
      expect(await statusesOf(3, post)).toEqual([201, 429, 429]);
    });

    it('several windows apply at once, and one that refuses charges none of the others', async () => {
      const first = await gateway.call('/windows');
      expect(itemsOf(first, 'ratelimit')).toMatchObject({
        short: { r: 0 },
        medium: { r: 1 },
        long: { r: 4 },
      });
      for (let i = 0; i < 3; i++) {
        const refused = await gateway.call('/windows');
        expect(documentOf(refused)['violated-policies']).toEqual(['short']);
        expect(itemsOf(refused, 'ratelimit')).toMatchObject({
          medium: { r: 1 },
          long: { r: 4 },
        });
      }
      putForward(2000);
      expect((await gateway.call('/windows')).status).toBe(200);
      putForward(2000);
      const refused = await gateway.call('/windows');
      expect(documentOf(refused)['violated-policies']).toEqual(['medium']);
    });

    it('a handler may choose among the windows', async () => {
      const first = await gateway.call('/without-short');
      expect(itemsOf(first, 'ratelimit')).toMatchObject({
        medium: { r: 1 },
        long: { r: 4 },
      });
      expect(await statusesOf(2, call('/without-short'))).toEqual([200, 429]);
    });

    it('two handlers may share a count', async () => {
      const first = await gateway.call('/together');
      const second = await gateway.call('/together/1');
      expect(
        [first, second].map(
          (answer) => itemsOf(answer, 'ratelimit').together.r,
        ),
      ).toEqual([1, 0]);
      expect((await gateway.call('/together')).status).toBe(429);
      expect((await gateway.call('/together/1')).status).toBe(429);
    });

    it('a refusal may have its own message', async () => {
      await gateway.call('/own-message');
      const refused = await gateway.call('/own-message');
      expect(refused.status).toBe(429);
      expect(documentOf(refused)).toEqual({ message: 'enough of posts' });
      expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    });
  },
);
