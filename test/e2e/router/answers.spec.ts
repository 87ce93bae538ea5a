import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it, vi } from 'vitest';
import { servers } from '../../support/gateway.js';
import { documentOf, itemsOf, mediaTypeOf } from '../../support/http-call.js';
import { putForward } from '../../support/stopped-clock.js';
import { useGateway } from '../../support/use-gateway.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

const byKey = { strategy: 'header', key: 'x-api-key' } as const;
/** Some of the wait passes before the refusal. */
const aboutAnHour: unknown = expect.closeTo(3600, -1);
const ann = { headers: { 'x-api-key': 'ann' } };

@Controller()
class LimitedController {
  @RouterRateLimit({
    maxRate: 9,
    capacity: 9,
    clientMaxRate: 1,
    clientCapacity: 2,
    every: '1h',
    ...byKey,
  })
  @Get('both')
  both() {}

  @RouterRateLimit({ maxRate: 1, capacity: 1, every: '1h' })
  @Get('endpoint')
  endpoint() {}

  @RouterRateLimit({
    name: 'per-second',
    clientMaxRate: 1,
    clientCapacity: 1,
    ...byKey,
  })
  @Get('second')
  second() {}

  @Get('free')
  free() {}
}

describe.each(servers)('answers of %s', (server) => {
  const gateway = useGateway(server, {}, { controllers: [LimitedController] });

  it('describe every policy, admitted or refused', async () => {
    const first = await gateway.call('/both', ann);
    expect(first.status).toBe(200);
    expect(itemsOf(first, 'ratelimit-policy')).toEqual({
      endpoint: { q: 9, w: 3600 },
      client: { q: 2, w: 7200 },
    });
    expect(itemsOf(first, 'ratelimit')).toEqual({
      endpoint: { r: 8, t: 400 },
      client: { r: 1, t: 3600 },
    });

    await gateway.call('/both', ann);
    const refused = await gateway.call('/both', ann);
    expect(refused.status).toBe(429);
    expect(itemsOf(refused, 'ratelimit-policy')).toEqual(
      itemsOf(first, 'ratelimit-policy'),
    );
    expect(itemsOf(refused, 'ratelimit').client).toEqual({
      r: 0,
      t: aboutAnHour,
    });
    expect(Number(refused.headers['retry-after'])).toEqual(aboutAnHour);
    expect(first.headers['retry-after']).toBeUndefined();
  });

  it('describe only the policy to a caller without a client key', async () => {
    const refused = await gateway.call('/second');
    expect(refused.status).toBe(429);
    expect(itemsOf(refused, 'ratelimit-policy')).toEqual({
      'per-second': { q: 1, w: 1 },
    });
    expect(refused.headers.ratelimit).toBeUndefined();
    expect(refused.headers['retry-after']).toBeUndefined();
  });

  it('describe a refused client as a problem of type quota-exceeded', async () => {
    const call = () =>
      gateway.call('/both', { headers: { 'x-api-key': 'ben' } });
    await call();
    await call();
    const refused = await call();
    expect(mediaTypeOf(refused)).toBe('application/problem+json');
    expect(documentOf(refused)).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      title: 'Request cannot be satisfied as assigned quota has been exceeded',
      status: 429,
      detail: expect.stringMatching(/\w/),
      'violated-policies': ['client'],
    });
  });

  it('describe a refusing endpoint as a problem of type temporary-reduced-capacity', async () => {
    await gateway.call('/endpoint');
    const refused = await gateway.call('/endpoint');
    expect(refused.status).toBe(503);
    expect(mediaTypeOf(refused)).toBe('application/problem+json');
    expect(documentOf(refused)).toEqual({
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      title:
        'Request cannot be satisfied due to temporary server capacity constraints',
      status: 503,
      detail: expect.stringMatching(/\w/),
      'violated-policies': ['endpoint'],
    });
    expect(Number(refused.headers['retry-after'])).toEqual(aboutAnHour);
  });

  it('give a refused caller the time to wait, and admit it then', async () => {
    const call = () => gateway.call('/second', ann);
    const answers = await Promise.all([call(), call()]);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(documentOf(refused[0])['violated-policies']).toEqual(['per-second']);
    expect(refused[0].headers['retry-after']).toBe('1');
    putForward(1000);
    expect((await call()).status).toBe(200);
  });

  it('contain no header of ours without a limit', async () => {
    const answer = await gateway.call('/free');
    const ours = Object.keys(answer.headers).filter((name) =>
      /ratelimit|retry/.test(name),
    );
    expect(ours).toEqual([]);
  });

  it('do not add a guard or interceptor to handlers without a limit', () => {
    const { free, both } = LimitedController.prototype;
    const boundTo = (handler: Function) =>
      (Reflect.getMetadataKeys(handler) as unknown[]).filter(
        (key) => key === '__guards__' || key === '__interceptors__',
      );
    expect(boundTo(free)).toEqual([]);
    expect(boundTo(both)).not.toContain('__guards__');
  });
});

describe.each(servers)('answers of %s without RateLimit fields', (server) => {
  const gateway = useGateway(
    server,
    { headers: { rateLimit: false } },
    { controllers: [LimitedController] },
  );

  it('still contain Retry-After and the problem', async () => {
    const admitted = await gateway.call('/endpoint');
    const refused = await gateway.call('/endpoint');
    for (const { headers } of [admitted, refused]) {
      expect(headers.ratelimit).toBeUndefined();
      expect(headers['ratelimit-policy']).toBeUndefined();
    }
    expect(refused.status).toBe(503);
    expect(Number(refused.headers['retry-after'])).toEqual(aboutAnHour);
    expect(mediaTypeOf(refused)).toBe('application/problem+json');
  });
});

describe.each(servers)('answers of %s with X-RateLimit fields', (server) => {
  const gateway = useGateway(
    server,
    { headers: { xRateLimit: true } },
    { controllers: [LimitedController] },
  );

  it('contain the figures of the policy with the least left, beside the other fields', async () => {
    const { headers } = await gateway.call('/both', ann);
    expect(headers).toMatchObject({
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
      'x-ratelimit-reset': '3600',
    });
    expect(headers.ratelimit).toContain('"endpoint";r=8');
  });
});
