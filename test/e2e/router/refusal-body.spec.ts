import { Controller, Get } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { httpCall, itemsOf, mediaTypeOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const once = { clientMaxRate: 1, clientCapacity: 1, every: '1h' } as const;
const languageOf = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<{ headers: Record<string, string> }>()
    .headers['accept-language'];

@Controller()
class LimitedController {
  @RouterRateLimit(once)
  @Get('client')
  client() {}

  @RouterRateLimit({ maxRate: 1, capacity: 1, every: '1h' })
  @Get('endpoint')
  endpoint() {}

  @RouterRateLimit({ ...once, deny: ['127.0.0.0/8'] })
  @Get('denied')
  denied() {}

  @RouterRateLimit({ ...once, strategy: languageOf })
  @Get('unknown')
  unknown() {}

  @RouterRateLimit({ ...once, capacity: 99, maxRate: 99, timeout: '20ms' })
  @Get('late')
  late() {
    return new Promise(() => {});
  }

  @Get('free')
  free() {}
}

const cases = [
  ['/client', 429, '"client"'],
  ['/endpoint', 503, '"endpoint"'],
  ['/denied', 403, undefined],
  ['/unknown', 429, undefined],
] as const;

interface Asking {
  readonly headers: Record<string, string | undefined>;
  readonly url?: string;
}

describe.each(everywhere)(
  'a custom refusal body on $server, phase $phase,',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      {
        phase,
        refusalBody: ({ status, title }, request) => ({
          body: {
            error: { status, title },
            language: (request as Asking).headers['x-language'],
          },
        }),
      },
      { controllers: [LimitedController] },
    );
    const refused = async (path: string) => {
      const headers = { 'x-language': 'de' };
      await gateway.call(path, { headers });
      return gateway.call(path, { headers });
    };

    it.each(cases)(
      'receives the problem and the request, and keeps status and fields: %s',
      async (path, status, policy) => {
        const answer = await refused(path);
        expect(answer.status).toBe(status);
        expect(mediaTypeOf(answer)).toBe('application/json');
        expect(JSON.parse(answer.text)).toEqual({
          error: { status, title: expect.stringMatching(/\w/) as string },
          language: 'de',
        });
        if (!policy) return;
        expect(answer.headers['retry-after']).toMatch(/^\d+$/);
        expect(answer.headers['ratelimit']).toContain(policy);
        const items = itemsOf(answer, 'ratelimit-policy');
        expect(Object.keys(items)).toEqual([JSON.parse(policy)]);
      },
    );

    it('does not change other answers', async () => {
      expect((await gateway.call('/free')).text).toBe('');
      const unknown = await gateway.call('/nowhere');
      expect(JSON.parse(unknown.text)).toMatchObject({ statusCode: 404 });
    });
  },
);

describe.each(everywhere)(
  'a custom refusal page on $server, phase $phase,',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      {
        phase,
        service: { maxRate: 1, capacity: 3, every: '1h' },
        refusalBody: ({ title }) => ({
          body: `<h1>${title}</h1>`,
          mediaType: 'text/html; charset=utf-8',
        }),
      },
      { controllers: [LimitedController] },
    );

    it('has the media type that the application names, for the service limit too', async () => {
      await gateway.call('/client');
      const ofClient = await gateway.call('/client');
      await gateway.call('/free');
      const ofService = await gateway.call('/free');
      const statuses = [ofClient.status, ofService.status];
      expect(statuses).toEqual([429, 503]);
      for (const answer of [ofClient, ofService]) {
        expect(answer.headers['content-type']).toMatch(
          /^text\/html; charset=utf-8$/i,
        );
        expect(answer.text).toMatch(/^<h1>Request cannot be satisfied/);
        expect(answer.headers['retry-after']).toMatch(/^\d+$/);
      }
    });
  },
);

describe.each(everywhere)(
  'a refusal body that cannot be written on $server, phase $phase,',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      {
        phase,
        refusalBody: () => {
          throw new Error('no template');
        },
      },
      { controllers: [LimitedController] },
    );

    it('does not prevent the refusal', async () => {
      await gateway.call('/client');
      const refused = await httpCall(`${gateway.url}/client`);
      expect(refused.status).toBeGreaterThanOrEqual(429);
      expect(refused.text).not.toContain('no template');
    });
  },
);
