import {
  ArgumentsHost,
  Catch,
  Controller,
  ExceptionFilter,
  Get,
  HttpException,
  UseFilters,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ClientRateLimitedException, RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { GatewayParts, servers } from '../../support/gateway.js';
import { itemsOf, mediaTypeOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

interface Reply {
  header(name: string, value: string): this;
  status(code: number): this;
  send(body: unknown): unknown;
}

@Catch(HttpException)
class CustomBody implements ExceptionFilter<HttpException> {
  catch(exception: HttpException, host: ArgumentsHost) {
    const reply = host.switchToHttp().getResponse<Reply>();
    reply.status(exception.getStatus()).send({ message: exception.message });
  }
}

@Catch(ClientRateLimitedException)
class PlainText implements ExceptionFilter<ClientRateLimitedException> {
  catch(exception: ClientRateLimitedException, host: ArgumentsHost) {
    const reply = host.switchToHttp().getResponse<Reply>();
    reply.status(420).send(`calm down (${exception.problem.status})`);
  }
}

@Catch(ClientRateLimitedException)
class Page implements ExceptionFilter<ClientRateLimitedException> {
  catch(exception: ClientRateLimitedException, host: ArgumentsHost) {
    const reply = host.switchToHttp().getResponse<Reply>();
    const { title, status } = exception.problem;
    reply
      .status(status)
      .header('Content-Type', 'text/html; charset=utf-8')
      .send(`<h1>${title}</h1>`);
  }
}

@UseFilters(Page)
@Controller('page')
class PageController {
  @RouterRateLimit({ clientMaxRate: 1, every: '1h' })
  @Get()
  page() {}
}

@Controller()
class LimitedController {
  @RouterRateLimit({ maxRate: 1, capacity: 1, every: '1h' })
  @Get('limited')
  limited() {}
}

@UseFilters(PlainText)
@Controller()
class CalmController {
  @RouterRateLimit({ clientMaxRate: 1, every: '1h' })
  @Get('limited')
  limited() {}
}

const bindings: [string, GatewayParts][] = [
  [
    'useGlobalFilters',
    { setUp: (app) => app.useGlobalFilters(new CustomBody()) },
  ],
  [
    'APP_FILTER',
    { providers: [{ provide: APP_FILTER, useClass: CustomBody }] },
  ],
];

describe.each(servers)(
  'exception filters of an application on %s',
  (server) => {
    describe.each(bindings)('set by %s', (_, parts) => {
      const gateway = useGateway(
        server,
        {},
        { controllers: [LimitedController], ...parts },
      );

      it('write the body of a refusal and keep its rate limit headers', async () => {
        await gateway.call('/limited');
        const refused = await gateway.call('/limited');
        expect(refused.status).toBe(503);
        expect(mediaTypeOf(refused)).toBe('application/json');
        expect(Object.keys(JSON.parse(refused.text) as object)).toEqual([
          'message',
        ]);
        expect(refused.headers['retry-after']).toMatch(/^\d+$/);
        expect(itemsOf(refused, 'ratelimit').endpoint.r).toBe(0);
        expect(itemsOf(refused, 'ratelimit-policy')).toEqual({
          endpoint: { q: 1, w: 3600 },
        });
      });
    });

    describe('set on a controller', () => {
      const gateway = useGateway(
        server,
        {},
        { controllers: [CalmController, PageController] },
      );

      it('may answer with an HTML page', async () => {
        await gateway.call('/page');
        const refused = await gateway.call('/page');
        expect(refused.status).toBe(429);
        expect(mediaTypeOf(refused)).toMatch(/^text\/html/);
        expect(refused.text).toMatch(/^<h1>Request cannot be satisfied/);
        expect(refused.headers['retry-after']).toMatch(/^\d+$/);
        expect(itemsOf(refused, 'ratelimit').client.r).toBe(0);
      });

      it('may answer with another status and plain text', async () => {
        await gateway.call('/limited');
        const refused = await gateway.call('/limited');
        expect(refused.status).toBe(420);
        expect(refused.text).toBe('calm down (429)');
        expect(mediaTypeOf(refused)).toMatch(/^text\//);
        expect(refused.headers['retry-after']).toMatch(/^\d+$/);
      });
    });
  },
);
