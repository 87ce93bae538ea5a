import {
  ArgumentsHost,
  Catch,
  Controller,
  Get,
  HttpException,
  Param,
} from '@nestjs/common';
import { AxiosError } from 'axios';
import {
  BackendClient,
  BackendException,
  BackendRateLimitedException,
  BackendTimeoutException,
  BackendUnreachableException,
  CircuitOpenException,
} from 'nestjs-floodgate';
import { afterAll, describe, expect, it } from 'vitest';
import { servers } from '../../../support/gateway.js';
import { documentOf, mediaTypeOf } from '../../../support/http-call.js';
import { useGateway } from '../../../support/use-gateway.js';
import {
  fail,
  neverAnswer,
  resetAfter,
} from '../../../support/backend-behaviours.js';
import { rejection } from '../../../support/backend-under-test.js';
import { Upstream } from '../../../support/upstream.js';

const upstream = await Upstream.start();
upstream.on('/limited', fail(404)).on('/open', fail(500));
upstream.on('/late', neverAnswer()).on('/lost', resetAfter(0));
upstream.on('/status', fail(418));
afterAll(() => upstream.stop());

@Controller()
class Passing {
  constructor(private readonly backends: BackendClient) {}

  @Get('pass/:backend')
  async pass(@Param('backend') backend: string) {
    const headers = { authorization: 'Bearer hidden-token' };
    await this.backends.get(backend, `/${backend}`, { headers });
  }
}

/** An application's own word on our exceptions. */
@Catch(BackendException)
class OwnFilter {
  catch(exception: BackendException, host: ArgumentsHost) {
    const reply = host.switchToHttp().getResponse<{
      status(code: number): { send(body: object): void };
    }>();
    reply.status(599).send({ own: exception.backend });
  }
}

const hosts = [upstream.url];
const backends = {
  limited: { hosts, rateLimit: { maxRate: 1, capacity: 1, every: '90s' } },
  open: { hosts, circuitBreaker: { maxErrors: 1, timeout: '20s' } },
  late: { hosts, timeout: '80ms' },
  lost: { hosts },
  status: { hosts },
} as const;

const table = [
  ['limited', 503, 90, BackendRateLimitedException],
  ['open', 503, 20, CircuitOpenException],
  ['late', 504, undefined, BackendTimeoutException],
  ['lost', 502, undefined, BackendUnreachableException],
] as const;

describe.each(servers)('an unhandled exception over %s', (server) => {
  const gateway = useGateway(server, { backends }, { controllers: [Passing] });

  it.each(table)(
    'of the backend "%s" gets status %i',
    async (name, status, retryAfter) => {
      // Empties the bucket and opens the breaker; the others fail each time.
      await gateway.call(`/pass/${name}`);
      const answer = await gateway.call(`/pass/${name}`);
      expect(answer.status).toBe(status);
      expect(mediaTypeOf(answer)).toBe('application/problem+json');
      expect(documentOf(answer)).toMatchObject({ status });
      expect(documentOf(answer).detail).toContain(`"${name}"`);
      const seconds = answer.headers['retry-after'];
      expect(seconds && Number(seconds)).toBe(retryAfter);
      const wire = JSON.stringify(answer);
      expect(wire).not.toContain(String(upstream.port));
      expect(wire).not.toContain('127.0.0.1');
      expect(wire).not.toContain('hidden-token');
      expect(wire).not.toContain('node_modules');
      expect(wire).not.toContain('.ts:');
    },
  );

  it('with a status from a backend is an internal error and leaks nothing', async () => {
    const answer = await gateway.call('/pass/status');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('127.0.0.1');
    expect(answer.text).not.toContain('hidden-token');
  });
});

describe.each(servers)('an exception over %s', (server) => {
  const gateway = useGateway(
    server,
    { backends },
    {
      controllers: [Passing],
      setUp: (app) => app.useGlobalFilters(new OwnFilter()),
    },
  );

  it("goes through the application's own filter", async () => {
    const answer = await gateway.call('/pass/lost');
    expect(answer.status).toBe(599);
    expect(documentOf(answer)).toEqual({ own: 'lost' });
  });
});

describe('an exception caught in code', () => {
  const gateway = useGateway('express', { backends }, {});

  it.each(table)(
    'of the backend "%s" is an HttpException with status %i',
    async (name, status, retryAfter, type) => {
      const client = gateway.app.get(BackendClient);
      await rejection(client.get(name, `/${name}`));
      const error = (await rejection(
        client.get(name, `/${name}`),
      )) as BackendException;
      expect(error).toBeInstanceOf(type);
      expect(error).toBeInstanceOf(HttpException);
      expect(error.getStatus()).toBe(status);
      expect(error.backend).toBe(name);
      expect(error.name).toBe(type.name);
      expect(error.retryAfterMs && Math.ceil(error.retryAfterMs / 1000)).toBe(
        retryAfter,
      );
      expect(JSON.stringify(error.getResponse())).not.toContain('127.0.0.1');
    },
  );

  it.each(['late', 'lost'])(
    'of the backend "%s" has the AxiosError and its request as cause',
    async (name) => {
      const client = gateway.app.get(BackendClient);
      const error = (await rejection(
        client.get(name, `/${name}`),
      )) as BackendException;
      expect(error.cause).toBeInstanceOf(AxiosError);
      expect(error.cause).toMatchObject({ config: { url: `/${name}` } });
    },
  );

  it('stays an AxiosError for a status outside 2xx', async () => {
    const client = gateway.app.get(BackendClient);
    const error = await rejection(client.get('status', '/status'));
    expect(error).toBeInstanceOf(AxiosError);
    expect(error).toMatchObject({ response: { status: 418 } });
  });
});
