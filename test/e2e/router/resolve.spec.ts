import {
  Controller,
  ExecutionContext,
  Get,
  LoggerService,
} from '@nestjs/common';
import { Findings, ResolveFunction, RouterRateLimit } from 'nestjs-floodgate';
import { beforeEach, describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { documentOf, itemsOf, statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

type Answer = ReturnType<ResolveFunction>;

/** What the resolver answers; a test sets it. */
let answers: (context: ExecutionContext) => unknown;
let askedTimes = 0;

function resolve(context: ExecutionContext): Answer {
  askedTimes++;
  return answers(context) as Answer;
}

@Controller()
class ResolvedController {
  @RouterRateLimit({
    resolve,
    name: 'quota',
    strategy: 'header',
    key: 'x-user',
    every: '1h',
  })
  @Get('quota')
  quota() {}

  @RouterRateLimit('pool')
  @Get('pool')
  pool() {}

  @RouterRateLimit({ resolve, every: '1h' })
  @Get('bounded')
  bounded() {}
}

/** Keeps the messages of errors. */
class Errors implements LoggerService {
  readonly messages: string[] = [];
  log() {}
  warn() {}
  error(error: unknown) {
    this.messages.push(error instanceof Error ? error.message : String(error));
  }
}

const policies = {
  pool: { maxRate: 3, capacity: 3, every: '1h', shared: true },
  alone: { clientMaxRate: 1, every: '1h', strategy: () => 'all' },
  loop: { resolve: () => 'loop' },
} as const;

describe.each(servers)('limits from a resolver on %s', (server) => {
  const logger = new Errors();
  const gateway = useGateway(
    server,
    { policies },
    { controllers: [ResolvedController], logger },
  );
  const as = (user: string) => () =>
    gateway.call('/quota', { headers: { 'x-user': user } });

  beforeEach(() => {
    askedTimes = 0;
    logger.messages.length = 0;
  });

  it('are resolved once per request and inherit the fields beside the resolver', async () => {
    answers = () => ({ clientMaxRate: 2, clientCapacity: 2 });
    expect(await statusesOf(3, as('ann'))).toEqual([200, 200, 429]);
    expect((await as('ben')()).status).toBe(200);
    expect(askedTimes).toBe(4);
  });

  it('share buckets when equal, in whatever notation', async () => {
    answers = () => ({ clientMaxRate: 5, clientCapacity: 5 });
    await as('cleo')();
    answers = () => Promise.resolve({ clientCapacity: 5, clientMaxRate: 5 });
    const answer = await as('cleo')();
    expect(itemsOf(answer, 'ratelimit').quota.r).toBe(3);
    answers = () => ({ clientMaxRate: 6, clientCapacity: 5 });
    expect(itemsOf(await as('cleo')(), 'ratelimit').quota.r).toBe(4);
  });

  it('may be a string, or absent when the resolver returns nothing', async () => {
    answers = () => '2/1h';
    expect(await statusesOf(3, as('dan'))).toEqual([200, 200, 503]);
    answers = () => undefined;
    const free = await as('dan')();
    expect(free.status).toBe(200);
    expect(free.headers.ratelimit).toBeUndefined();
  });

  it('may name a policy, and a shared one shares its buckets', async () => {
    answers = () => 'pool';
    await as('eve')();
    expect(itemsOf(await gateway.call('/pool'), 'ratelimit').pool.r).toBe(1);
    answers = async () => 'alone';
    const refused = (await statusesOf(2, as('eve'))).at(-1);
    expect(refused).toBe(429);
  });

  it.each([
    ['no limit', {}, 'maxRate, clientMaxRate or both'],
    ['a figure that is none', { maxRate: NaN }, 'a number above 0'],
    ['a function inside', { maxRate: 1, cost: () => 1 }, 'a number from 0'],
    ['an unknown key', { maxRate: 1, burst: 2 }, 'no such key'],
    ['an unknown policy', 'pol', 'did you mean "pool"'],
    ['a policy with a resolver', 'loop', 'without resolve'],
    ['null', null, 'a limit'],
    ['a number', 5, 'a limit'],
  ])('cause an error, not a free pass, with %s', async (_, bad, message) => {
    answers = () => bad;
    const answer = await as('fay')();
    expect(answer.status).toBe(500);
    expect(documentOf(answer)).toMatchObject({ statusCode: 500 });
    expect(logger.messages.join()).toContain(message);
    expect(logger.messages.join()).toContain('resolve of quota');
  });

  it('are limited in number: beyond that, an error and a finding', async () => {
    let n = 0;
    answers = () => ({ maxRate: 1 + n++ });
    const paths = Array.from({ length: 1_001 }, () => '/bounded');
    const statuses: number[] = [];
    for (const path of paths) statuses.push((await gateway.call(path)).status);
    expect(statuses.slice(0, 1_000).every((status) => status === 200)).toBe(
      true,
    );
    expect(statuses.at(-1)).toBe(500);
    const { all } = gateway.app.get(Findings);
    expect(all.map(({ code }) => code)).toContain('too-many-limits');
    answers = () => ({ maxRate: 1 });
    expect((await gateway.call('/bounded')).status).toBe(503);
  });
});
