import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CacheInterceptor, CacheModule } from '@nestjs/cache-manager';
import { Controller, ExecutionContext, Get } from '@nestjs/common';
import type { LoggerService } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Findings, RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  everywhere,
  GatewayParts,
  servers,
  startGateway,
} from '../../support/gateway.js';
import { httpCall } from '../../support/http-call.js';

const once = { clientMaxRate: 1, clientCapacity: 1, every: '1h' } as const;

/** What a key function answers; a test sets it. */
let keyOf: (name: string) => unknown = String;

@Controller()
class LimitedController {
  @RouterRateLimit(once)
  @Get('by-address')
  byAddress() {
    return 'served';
  }

  @RouterRateLimit({
    ...once,
    name: 'accounts',
    strategy: (context: ExecutionContext) => {
      const http = context.switchToHttp();
      const { headers } = http.getRequest<{
        headers: Record<string, string>;
      }>();
      return keyOf(headers['x-account']) as string;
    },
  })
  @Get('by-function')
  byFunction() {
    return 'served';
  }
}

/** Keeps each line that is logged, as a warning or an error. */
class Lines implements LoggerService {
  readonly all: string[] = [];
  log() {}
  warn(line: unknown) {
    this.all.push(String(line));
  }
  error(line: unknown) {
    this.all.push(String(line));
  }
}

async function start(
  { server, phase }: (typeof everywhere)[number],
  parts: GatewayParts = {},
) {
  const logger = new Lines();
  const gateway = await startGateway(
    server,
    { phase },
    { controllers: [LimitedController], logger, ...parts },
  );
  onTestFinished(() => gateway.close());
  return {
    gateway,
    /** Everything that an operator was told, findings and lines of the log. */
    told: () =>
      [
        ...gateway.app
          .get(Findings)
          .all.map(({ sentence, fix }) => `${sentence} ${fix}`),
        ...logger.all,
      ].join('\n'),
    lines: logger.all,
    from: async (address: string) => {
      const headers = { 'x-forwarded-for': address };
      const answer = await httpCall(`${gateway.url}/by-address`, { headers });
      return answer.status;
    },
    as: async (account: string) => {
      const headers = { 'x-account': account };
      const answer = await httpCall(`${gateway.url}/by-function`, { headers });
      return answer.status;
    },
  };
}

const adapterWith = {
  express(trust: unknown) {
    const adapter = new ExpressAdapter();
    adapter.set('trust proxy', trust);
    return adapter;
  },
  fastify: (trust: unknown) =>
    new FastifyAdapter({ trustProxy: trust as string }),
};

describe.each(everywhere)(
  'a setting that puts all callers of $server, phase $phase, into one bucket',
  (place) => {
    const { server } = place;

    it('is reported: a number of proxies to trust that has no effect', async () => {
      const adapter = adapterWith[server](1);
      const { from, told } = await start(place, { adapter });
      const seen = [await from('192.0.2.1'), await from('192.0.2.2')];
      if (seen[1] === 200) return; // the framework heeds it
      expect(told()).toMatch(/trustProxy/);
      expect(told()).toMatch(/number/i);
    });

    it.each(['10.0.0.0/8', 'uniquelocal'])(
      'is reported: trust in proxies (%s) that do not include the peer',
      async (trust) => {
        const adapter = adapterWith[server](trust);
        const { from, told } = await start(place, { adapter });
        expect(await from('192.0.2.1')).toBe(200);
        expect(await from('192.0.2.2')).toBe(429);
        expect(told()).toMatch(/127\.0\.0\.1/);
        expect(told()).toMatch(/trust/i);
      },
    );

    it('is reported: no trusted proxy', async () => {
      const { from, told } = await start(place);
      expect(await from('192.0.2.1')).toBe(200);
      expect(await from('192.0.2.2')).toBe(429);
      expect(told()).toMatch(/X-Forwarded-For/);
    });

    it('is not reported when trust in a proxy is right', async () => {
      const adapter = adapterWith[server]('loopback');
      const { from, told } = await start(place, { adapter });
      expect(await from('192.0.2.1')).toBe(200);
      expect(await from('192.0.2.2')).toBe(200);
      expect(await from('192.0.2.1')).toBe(429);
      expect(told()).toBe('');
    });

    it('is reported: a Unix socket, which has no address', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'floodgate-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const socketPath = join(folder, 'http.sock');
      const { gateway, told, lines } = await start(place);
      await gateway.app.close();
      const again = await startOnSocket(place, socketPath, lines);
      const statuses = [await again(), await again(), await again()];
      expect(new Set(statuses)).not.toContain(500);
      expect(lines.join('\n') + told()).toMatch(/address/i);
      expect(lines.join('\n') + told()).toMatch(/socket/i);
      expect(lines.filter((line) => /socket/i.test(line)).length).toBeLessThan(
        statuses.length,
      );
    });
  },
);

async function startOnSocket(
  { server, phase }: (typeof everywhere)[number],
  socketPath: string,
  lines: string[],
): Promise<() => Promise<number>> {
  const logger = new Lines();
  const gateway = await startGateway(
    server,
    { phase },
    { controllers: [LimitedController], logger, listenOn: socketPath },
  );
  onTestFinished(() => gateway.close());
  return async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request({ socketPath, path: '/by-address', agent: false });
      sent.on('error', reject);
      sent.on('response', (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      });
      sent.end();
    });
    lines.push(...logger.all.splice(0));
    return status;
  };
}

/** As drivers of MongoDB have it. */
class ObjectId {
  constructor(private readonly hex: string) {}
  toHexString() {
    return this.hex;
  }
  toString() {
    return this.hex;
  }
}

/** What key functions answer that is no text, one for a and one for b. */
const keys: [string, (name: string) => unknown][] = [
  ['a bigint', (name) => BigInt(name.charCodeAt(0)) ** 20n],
  ['a number', (name) => name.charCodeAt(0)],
  ['an ObjectId', (name) => new ObjectId(`65f0${name}`)],
  ['a promise of a bigint', (name) => Promise.resolve(BigInt(name.length))],
  ['a boolean', (name) => name === 'a'],
  ['a Date', (name) => new Date(name.charCodeAt(0))],
  ['a URL', (name) => new URL(`http://${name}.example/`)],
  ['a symbol', (name) => Symbol(name)],
  ['bytes', (name) => Buffer.from(name)],
  ['an object', (name) => ({ name })],
  ['an array', (name) => [name]],
];

describe.each(everywhere)(
  'a key function on $server, phase $phase, that returns',
  (place) => {
    it.each(keys)('%s identifies clients or is reported', async (_, key) => {
      keyOf = (name) => key(name === 'a' ? 'a' : 'bb');
      const { as, lines } = await start(place);
      const seen = [await as('a'), await as('b'), await as('a')];
      if (seen.join() === '200,200,429') return;
      // Nobody is let through without a key, and the log says why, once.
      expect(seen).not.toContain(200);
      const about = lines.filter((line) => line.includes('accounts'));
      expect(about).toHaveLength(1);
      expect(about[0]).toMatch(/strateg|key/i);
    });

    it('a bigint identifies clients', async () => {
      keyOf = (name) => BigInt(name.charCodeAt(0));
      const { as } = await start(place);
      expect([await as('a'), await as('b'), await as('a')]).toEqual([
        200, 200, 429,
      ]);
    });
  },
);

describe.each(servers)('a cache in front of limits on %s', (server) => {
  const parts: GatewayParts = {
    imports: [CacheModule.register({ ttl: 60_000 })],
    providers: [{ provide: APP_INTERCEPTOR, useClass: CacheInterceptor }],
  };

  it('is reported, because its answers are not counted in phase interceptor', async () => {
    const { from, told } = await start({ server, phase: 'interceptor' }, parts);
    const seen = [await from('a'), await from('a'), await from('a')];
    if (seen[1] === 429) return; // counted all the same
    expect(told()).toMatch(/CacheInterceptor/);
    expect(told()).toMatch(/edge/);
  });

  it('answers nothing that an edge limit refuses', async () => {
    const { from } = await start({ server, phase: 'edge' }, parts);
    expect([await from('a'), await from('a')]).toEqual([200, 429]);
  });
});
