import {
  Controller,
  createParamDecorator,
  Get,
  Injectable,
  Post,
} from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import {
  Explanation,
  InjectBackend,
  HttpBackend,
  printPolicies,
  ProxyRateLimit,
  RouterRateLimit,
  ThrottleOptions,
  ThrottleService,
} from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { Answer } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const inContext = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context,
);
const weigh = () => 2;
const planOf = () => 'strict' as const;
const userOf = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<{ headers: Record<string, string> }>()
    .headers['x-user'];

@RouterRateLimit('strict')
@Controller('catalog')
class CatalogController {
  constructor(private readonly throttle: ThrottleService) {}

  @RouterRateLimit([
    {
      name: 'users',
      clientMaxRate: 10,
      clientCapacity: 10,
      every: '1h',
      strategy: 'header',
      key: 'x-user',
      onMissingKey: 'skip',
      cost: weigh,
      phase: 'edge',
    },
    { maxRate: 1, every: '1h', mode: 'audit', timeout: '3s' },
  ])
  @Get(':id')
  find(@inContext() context: ExecutionContext) {
    return this.throttle.explain(context);
  }

  @RouterRateLimit({
    strategy: userOf,
    tiers: [
      { when: ['gold', 'silver'], unlimited: true },
      { name: 'rest', otherwise: true, clientMaxRate: 1 },
    ],
  })
  @Post()
  create() {
    return 'ok';
  }
}

@Controller()
class OthersController {
  constructor(private readonly throttle: ThrottleService) {}

  @Get('free')
  free() {
    return 'ok';
  }

  @RouterRateLimit()
  @Get('configured')
  configured() {
    return 'ok';
  }

  @RouterRateLimit({ resolve: planOf, deny: ['127.0.0.0/8'], mode: 'audit' })
  @Get('resolved')
  resolved(@inContext() context: ExecutionContext) {
    return this.throttle.explain(context);
  }

  @RouterRateLimit('5/1s')
  @MessagePattern({ cmd: 'order' })
  order() {
    return 'ok';
  }

  @EventPattern('ordered')
  ordered(id: string) {
    return id;
  }
}

@Injectable()
class CatalogService {
  constructor(@InjectBackend('catalog') readonly catalog: HttpBackend) {}

  @ProxyRateLimit('catalog', '20/1s')
  find() {
    return this.catalog.get('/');
  }
}

const explanationIn = (answer: Answer) =>
  JSON.parse(answer.text) as Explanation;

const options: ThrottleOptions = {
  timeout: '10s',
  service: { maxRate: 1000, capacity: 1000, every: '1h' },
  policies: {
    strict: { maxRate: 100, capacity: 50, every: '1h', shared: true },
  },
  routes: { 'GET /api/configured': { limits: '7/1m' } },
  backends: {
    plain: { hosts: ['http://plain:8080'] },
    catalog: {
      hosts: ['http://user:secret@catalog:8080/base', 'https://other'],
      rateLimit: { maxRate: 100, onLimit: 'wait' },
      concurrency: { maxConcurrent: 5 },
      circuitBreaker: { maxErrors: 5, interval: '60s', failureRate: 0.5 },
      timeout: '1500ms',
      connectTimeout: '200ms',
      retry: {},
      hedge: { after: '50ms' },
      fallback: { to: [] },
    },
  },
};

describe.each(servers)('explain on %s', (server) => {
  const gateway = useGateway(server, options, {
    controllers: [CatalogController, OthersController],
    providers: [CatalogService],
    setUp: (app) => app.setGlobalPrefix('api'),
  });

  it('prints policies as text, each with its origin', () => {
    expect(printPolicies(gateway.app)).toMatchInlineSnapshot(`
      "every request
        endpoint 1000/1h (0.278/s), capacity 1000  [service]
      event "ordered"  OthersController.ordered
        no limit
      POST /api/catalog  app.CatalogController.create
        strict endpoint 100/1h (0.028/s), capacity 50  [@RouterRateLimit on CatalogController; shared policy "strict"]
        tier.1, one of 2 keys: unlimited  [@RouterRateLimit on CatalogController.create]
        tier.rest, otherwise: client 1/s, capacity 1, by userOf  [@RouterRateLimit on CatalogController.create]
        timeout 10s
      GET /api/catalog/:id  app.CatalogController.find
        strict endpoint 100/1h (0.028/s), capacity 50  [@RouterRateLimit on CatalogController; shared policy "strict"]
        users client 10/1h (0.003/s), capacity 10, by header x-user, skipped without a key, cost weigh()  [@RouterRateLimit on CatalogController.find; at the edge]
        endpoint 1/1h (0.00028/s), capacity 1  [@RouterRateLimit on CatalogController.find; mode audit]
        timeout 3s
      GET /api/configured  app.OthersController.configured
        endpoint 7/1m (0.117/s), capacity 7  [routes["GET /api/configured"].limits]
        timeout 10s
      GET /api/free  OthersController.free
        no limit
      GET /api/resolved  app.OthersController.resolved
        as planOf() tells  [@RouterRateLimit on OthersController.resolved; mode audit]
          never for one range
        timeout 10s
      pattern {"cmd":"order"}  app.OthersController.order
        endpoint 5/s, capacity 5  [@RouterRateLimit on OthersController.order]
        timeout 10s
      backend catalog  http://catalog:8080, https://other
        limit 100/s, capacity 1, above it 100 wait up to 1s
        entry 20/s, capacity 20  [CatalogService.find]
        calls underway: at most 5
        breaker opens for 1m after 5 errors in a row within 1m or 50 % failures
        timeout 1500ms, connect 200ms
        retries: at most 2
        hedges: at most 1
        fallback where there is no answer
      backend plain  http://plain:8080
        timeout 2s
      "
    `);
  });

  it('returns policies as data that survives JSON', () => {
    const { policies } = gateway.app.get(ThrottleService);
    expect(JSON.parse(JSON.stringify(policies))).toEqual(policies);
    expect(
      policies.routes.find(({ at }) => at[0] === 'GET /api/catalog/:id'),
    ).toMatchObject({
      handler: 'app.CatalogController.find',
      timeoutMs: 3000,
      limits: [
        { policy: 'strict', shared: true, mode: 'enforce' },
        { phase: 'edge', buckets: [{ name: 'users', cost: 'weigh()' }] },
        { mode: 'audit', buckets: [{ scope: 'endpoint', capacity: 1 }] },
      ],
    });
  });

  it('explains one request without charging it', async () => {
    const explained = async (headers = {}) =>
      explanationIn(await gateway.call('/api/catalog/1', { headers }));
    await explained();
    const first = await explained({ 'x-user': 'ada' });
    const levels = (of: Explanation) =>
      of.buckets.map(({ policy, tokens }) => [
        policy,
        Math.floor(tokens ?? -1),
      ]);
    expect(levels(first)).toEqual([
      ['service', 998],
      ['users', 8],
      ['strict', 48],
      ['endpoint', 0],
    ]);
    expect(first).toMatchObject({ passes: true, waitMs: 0, deniedBy: [] });
    expect(first.buckets[1]).toMatchObject({ key: 'ada', cost: 2 });
    expect(levels(await explained({ 'x-user': 'bob' }))).toEqual([
      ['service', 997],
      ['users', 8],
      ['strict', 47],
      ['endpoint', 0],
    ]);
  });

  it('explains a bucket for which a request has no client key', async () => {
    const answer = await gateway.call('/api/catalog/1');
    const { buckets } = explanationIn(answer);
    expect(buckets.find(({ policy }) => policy === 'users')).toEqual({
      id: expect.any(String) as string,
      policy: 'users',
      scope: 'client',
      mode: 'enforce',
      maxRate: 10,
      everyMs: 3_600_000,
      capacity: 10,
      cost: 0,
      waitMs: 0,
    });
  });

  it('explains what a resolver chooses and omits refusals in audit mode', async () => {
    const answer = await gateway.call('/api/resolved');
    expect(explanationIn(answer)).toMatchObject({ passes: true, deniedBy: [] });
  });
});
