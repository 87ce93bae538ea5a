import type { Server } from 'node:http';
import type {
  DynamicModule,
  INestApplication,
  LoggerService,
} from '@nestjs/common';
import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { runBlocks } from '../../support/doc-blocks.js';
import { servers, startGateway } from '../../support/gateway.js';
import { httpCall, statusesOf } from '../../support/http-call.js';

/** What a block of the page may export. */
interface Block {
  readonly explainRequests?: (app: INestApplication) => void;
  readonly throttle?: DynamicModule;
}

@Controller()
class SomeController {
  @RouterRateLimit([
    { name: 'all', maxRate: 9, capacity: 9, every: '1h' },
    {
      name: 'tenants',
      clientMaxRate: 5,
      clientCapacity: 5,
      every: '1h',
      strategy: 'header',
      key: 'x-tenant',
    },
  ])
  @Get('limited')
  limited() {}

  @Get('health')
  health() {}
}

describe.each(servers)('the code for troubleshooting, over %s,', (server) => {
  let blocks: Block[];
  const written: string[] = [];
  beforeAll(async () => {
    vi.spyOn(console, 'log').mockImplementation((line: string) => {
      written.push(line);
    });
    blocks = (await runBlocks('docs/troubleshooting.md')) as Block[];
  });
  const modules = () => blocks.flatMap(({ throttle }) => throttle ?? []);

  it('shows which buckets a request meets and whose they are', async () => {
    const [setUp] = blocks.flatMap((block) => block.explainRequests ?? []);
    const lines: string[] = [];
    const log = (line: string, context: string) => {
      if (context === 'limits') lines.push(line);
    };
    const quiet = () => {};
    const logger: LoggerService = { log, error: quiet, warn: quiet };
    const gateway = await startGateway(
      server,
      {},
      {
        controllers: [SomeController],
        setUp,
        logger,
      },
    );
    const headers = { 'x-tenant': 'acme' };
    await httpCall(`${gateway.url}/limited`, { headers });
    await httpCall(`${gateway.url}/limited`);
    await httpCall(`${gateway.url}/health`);
    await gateway.close();
    expect(lines).toEqual([
      'all of all callers: 9 of 9, costs 1',
      'tenants of acme: 5 of 5, costs 1',
      expect.stringMatching(/^all of all callers: 8(\.\d+)? of 9, costs 1$/),
      'tenants of nobody: no key: ? of 5, costs 1',
      'no limit',
    ]);
    expect(written).toContain(
      'enforce 429 on app.SomeController.limited by tenants',
    );
  });

  it('keeps connections longer than a load balancer does', async () => {
    const [, keeping] = modules();
    const gateway = await startGateway(server, keeping, {});
    const { keepAliveTimeout } = gateway.app.getHttpServer() as Server;
    await gateway.close();
    expect(keepAliveTimeout).toBe(65_000);
  });

  it('excludes probes from the limit of the whole application', async () => {
    const [sparingProbes] = modules();
    const gateway = await startGateway(server, sparingProbes, {
      controllers: [SomeController],
    });
    const probe = () => httpCall(`${gateway.url}/health`);
    const statuses = new Set(await statusesOf(150, probe));
    const { headers } = await httpCall(`${gateway.url}/limited`);
    await gateway.close();
    expect(statuses).toEqual(new Set([200]));
    expect(headers['ratelimit-policy']).toContain('"service";q=100');
  });
});
