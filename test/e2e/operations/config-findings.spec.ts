import {
  Controller,
  Get,
  Injectable,
  LoggerService,
  SetMetadata,
} from '@nestjs/common';
import { Findings, RouterRateLimit, ThrottleOptions } from 'nestjs-floodgate';
import { afterEach, describe, expect, it } from 'vitest';
import {
  Gateway,
  Server,
  servers,
  startGateway,
} from '../../support/gateway.js';
import { httpCall } from '../../support/http-call.js';

@Controller()
class DoubtfulController {
  @RouterRateLimit({ maxRate: 100, clientMaxRate: 5 })
  @Get('bursts')
  bursts() {}

  @RouterRateLimit({ maxRate: 3, capacity: 3, cost: 4 })
  @Get('costly')
  costly() {}

  @RouterRateLimit({ clientMaxRate: 1, clientCapacity: 9 })
  @Get('ip')
  ip() {}
}

/** Keeps what is logged as a warning. */
class Warnings implements LoggerService {
  readonly lines: string[] = [];
  log() {}
  error() {}
  warn(line: string) {
    this.lines.push(line);
  }
}

@Injectable()
class PriceService {
  @RouterRateLimit('1/1s')
  prices() {}
}

@RouterRateLimit('1/1s')
@Injectable()
class StockService {
  stock() {}
}

@Injectable()
class QueueWorker {
  @RouterRateLimit('1/1s')
  @SetMetadata('queue:job', 'mail')
  work() {}
}

let gateway: Gateway;
afterEach(() => gateway?.close());

async function start(
  server: Server,
  options: ThrottleOptions,
  trustProxy: boolean | string = false,
) {
  const logger = new Warnings();
  gateway = await startGateway(server, options, {
    controllers: [DoubtfulController],
    logger,
    trustProxy,
  });
  return {
    warnings: logger.lines,
    codes: () =>
      gateway.app.get(Findings).all.map(({ code, path }) => [code, path]),
  };
}

const forwarded = (by = '') =>
  httpCall(`${gateway.url}/ip`, {
    headers: { 'x-forwarded-for': `192.0.2.1${by}` },
  });

const atBoot = [
  [
    'capacity-default',
    '@RouterRateLimit on DoubtfulController.bursts.capacity',
  ],
  [
    'capacity-default',
    '@RouterRateLimit on DoubtfulController.bursts.clientCapacity',
  ],
  ['cost-above-capacity', '@RouterRateLimit on DoubtfulController.costly.cost'],
];

describe.each(servers)('findings on %s', (server) => {
  it('at boot are readable from code and logged once each', async () => {
    const { warnings, codes } = await start(server, {});
    expect(codes()).toEqual(atBoot);
    expect(warnings).toHaveLength(3);
    for (const [i, [code, path]] of atBoot.entries()) {
      expect(warnings[i]).toContain(path);
      expect(warnings[i]).toContain(`findings.md#${code}`);
    }
    expect(warnings[0]).toContain('capacity: 100');
  });

  it('on a policy and on the whole application have their path in the options', async () => {
    const { codes } = await start(server, {
      service: { maxRate: 50, capacity: 50, cost: 51 },
      policies: { search: { maxRate: 1.5 } },
    });
    expect(codes()).toEqual([
      ['cost-above-capacity', 'service.cost'],
      ['capacity-default', 'policies.search.capacity'],
      ...atBoot,
      ['unused-policy', 'policies.search'],
    ]);
  });

  it('include an untrusted proxy once a request arrives through it', async () => {
    const { warnings, codes } = await start(server, {
      silenceFindings: ['capacity-default', 'cost-above-capacity'],
    });
    await httpCall(`${gateway.url}/ip`);
    expect(codes()).toEqual(atBoot);
    expect(warnings).toEqual([]);

    for (let i = 0; i < 3; i++) await forwarded();
    expect(codes()).toEqual([...atBoot, ['untrusted-proxy', 'strategy "ip"']]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('findings.md#untrusted-proxy');
  });

  it('do not mention a trusted proxy', async () => {
    const { codes } = await start(server, {}, 'loopback');
    await forwarded();
    expect(codes()).toEqual(atBoot);
  });

  it('include trust in every proxy, which lets callers choose their address', async () => {
    const { codes } = await start(server, {}, true);
    expect(codes()).toEqual(atBoot);
    await forwarded(', 198.51.100.7');
    expect(codes()).toEqual([
      ...atBoot,
      ['every-proxy-trusted', 'strategy "ip"'],
    ]);
  });

  it('include a proxy that only the limit of the whole application sees', async () => {
    const { codes } = await start(server, {
      service: { clientMaxRate: 1, clientCapacity: 9 },
    });
    await httpCall(`${gateway.url}/nowhere`, {
      headers: { forwarded: 'for=192.0.2.1' },
    });
    expect(codes()).toContainEqual(['untrusted-proxy', 'strategy "ip"']);
  });

  it('can be silenced by code and are still readable', async () => {
    const { warnings, codes } = await start(server, {
      silenceFindings: [
        'capacity-default',
        'cost-above-capacity',
        'untrusted-proxy',
      ],
    });
    await forwarded();
    expect(codes()).toHaveLength(4);
    expect(warnings).toEqual([]);
  });

  it('name limits that no request can reach, but not those that another transport may call', async () => {
    gateway = await startGateway(
      server,
      {},
      { providers: [PriceService, StockService, QueueWorker] },
    );
    const { all } = gateway.app.get(Findings);
    expect(all.map(({ code, path }) => [code, path])).toEqual([
      ['limit-without-handler', '@RouterRateLimit on PriceService.prices'],
      ['limit-without-handler', '@RouterRateLimit on StockService'],
    ]);
  });
});
