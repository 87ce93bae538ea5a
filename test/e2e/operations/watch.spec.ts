import { pbkdf2 } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Controller, Get, LoggerService } from '@nestjs/common';
import {
  RouterRateLimit,
  ThrottleConfigError,
  ThrottleService,
  WatchOptions,
} from 'nestjs-floodgate';
import { fromKrakend, fromKrakendAsync } from 'nestjs-floodgate/krakend';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startGateway } from '../../support/gateway.js';
import { ownTimeMs } from '../../support/own-time.js';

@Controller()
class CatalogController {
  @RouterRateLimit('named')
  @Get('named')
  named() {
    return 'ok';
  }
}

const EVERY_MS = 20;
const SOON = { timeout: 10_000 };
const yaml = (capacity: number) =>
  `policies:\n  named: { maxRate: 1, capacity: ${capacity} }\n`;

class HeardErrors implements LoggerService {
  readonly errors: string[] = [];
  error(message: string) {
    this.errors.push(message);
  }
  log() {}
  warn() {}
}

/** An application under a capacity of 1, and a folder of its own. */
async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-watch-'));
  const logger = new HeardErrors();
  const { app, close } = await startGateway(
    'fastify',
    { timeout: '7s', policies: { named: { maxRate: 1, capacity: 1 } } },
    { controllers: [CatalogController], logger },
  );
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });
  const throttle = app.get(ThrottleService);
  const file = join(folder, 'limits.yaml');
  return {
    folder,
    file,
    logger,
    close,
    watch: (options?: WatchOptions) =>
      throttle.watch(file, { everyMs: EVERY_MS, ...options }),
    route: () => throttle.policies.routes[0],
    capacity: () => throttle.policies.routes[0].limits[0].buckets[0].capacity,
  };
}

@Controller()
class ImportedController {
  @RouterRateLimit()
  @Get('named')
  named() {
    return 'ok';
  }
}

/** A file of KrakenD with a limit on `GET /named`, and on so many others. */
const krakendFile = (capacity: number, others = 0) => ({
  version: 3,
  endpoints: [
    '/named',
    ...Array.from({ length: others }, (_, i) => `/${i}`),
  ].map((endpoint) => ({
    endpoint,
    extra_config: {
      'qos/ratelimit/router': { max_rate: 1, capacity, every: '1h' },
    },
  })),
});

/** An application whose limits are those of a watched KrakenD file. */
async function startImported() {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-watch-'));
  const logger = new HeardErrors();
  const { options } = fromKrakend(krakendFile(1));
  const { app, close } = await startGateway(
    'fastify',
    { ...options, silenceFindings: ['route-without-handler'] },
    { controllers: [ImportedController], logger },
  );
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });
  const throttle = app.get(ThrottleService);
  const file = join(folder, 'krakend.conf');
  const read = async (content: unknown) =>
    (await fromKrakendAsync(content as object)).options;
  return {
    folder,
    file,
    logger,
    watch: (options: WatchOptions = { read }) =>
      throttle.watch(file, { everyMs: EVERY_MS, ...options }),
    limits: () =>
      throttle.policies.routes[0].limits.flatMap(({ buckets }) => buckets),
  };
}

/** How long this thread works at most before the event loop has its turn. */
class BusyWatch {
  private longestMs = 0;
  private lastMs = ownTimeMs();
  private isOn = true;

  constructor() {
    this.look();
  }

  stop(): number {
    this.isOn = false;
    return this.longestMs;
  }

  private look(): void {
    const nowMs = ownTimeMs();
    this.longestMs = Math.max(this.longestMs, nowMs - this.lastMs);
    this.lastMs = nowMs;
    if (this.isOn) setImmediate(() => this.look());
  }
}

/** Gives Node's four threads something else to do than to read files; resolves when they are free again. */
async function keepThreadsBusy(): Promise<void> {
  const hash = promisify(pbkdf2);
  const all = Array.from({ length: 8 }, () => hash('', '', 50_000, 8, 'sha1'));
  await Promise.all(all);
}

describe('a watched file', () => {
  it('applies at once and after each change', async () => {
    const { file, watch, capacity, route } = await start();
    writeFileSync(file, yaml(2));
    await watch();
    expect(capacity()).toBe(2);
    expect(route().timeoutMs).toBe(7000);
    writeFileSync(file, JSON.stringify({ policies: { named: '3/1s' } }));
    await expect.poll(capacity, SOON).toBe(3);
  });

  it('may change at once, before a busy process has read it again', async () => {
    const { file, watch, capacity } = await start();
    writeFileSync(file, yaml(2));
    const idle = keepThreadsBusy();
    await watch();
    writeFileSync(file, yaml(3));
    await idle;
    await expect.poll(capacity, SOON).toBe(3);
  });

  it('may be replaced by another file, as editors do', async () => {
    const { file, watch, capacity } = await start();
    writeFileSync(file, yaml(2));
    await watch();
    writeFileSync(`${file}.new`, yaml(3));
    renameSync(`${file}.new`, file);
    await expect.poll(capacity, SOON).toBe(3);
  });

  it('may be reached through a link that changes its target, as in Kubernetes', async () => {
    const { folder, file, watch, capacity } = await start();
    const publish = (name: string, capacity: number) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'limits.yaml'), yaml(capacity));
      symlinkSync(name, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    publish('..first', 2);
    symlinkSync(join('..data', 'limits.yaml'), file);
    await watch();
    publish('..second', 3);
    await expect.poll(capacity, SOON).toBe(3);
  });

  it('changes nothing and reports its faults once when invalid, and applies again once valid', async () => {
    const { file, watch, capacity, logger } = await start();
    writeFileSync(file, yaml(2));
    await watch();
    for (const wrong of ['policies: { named: { maxRate: -1 } }', '', '{"a']) {
      const before = logger.errors.length;
      writeFileSync(file, wrong);
      await expect.poll(() => logger.errors.length, SOON).toBe(before + 1);
    }
    expect(logger.errors[0]).toContain('policies.named.maxRate: found -1');
    expect(logger.errors[1]).toContain('found nothing');
    expect(capacity()).toBe(2);
    writeFileSync(file, yaml(3));
    await expect.poll(capacity, SOON).toBe(3);
    expect(logger.errors).toHaveLength(3);
  });

  it('may disappear for a while, which is reported once', async () => {
    const { file, watch, capacity, logger } = await start();
    writeFileSync(file, yaml(2));
    await watch();
    rmSync(file);
    await expect.poll(() => logger.errors.length, SOON).toBe(1);
    expect(logger.errors[0]).toContain('ENOENT');
    writeFileSync(file, yaml(3));
    await expect.poll(capacity, SOON).toBe(3);
    expect(logger.errors).toHaveLength(1);
  });

  it('rejects when it is invalid from the start', async () => {
    const { file, watch, capacity } = await start();
    writeFileSync(file, 'polices: {}');
    await expect(watch()).rejects.toBeInstanceOf(ThrottleConfigError);
    expect(capacity()).toBe(1);
  });

  it('may contain anything from which options are built', async () => {
    const { file, watch, capacity } = await start();
    writeFileSync(file, '5');
    await watch({
      read: (content) => ({
        policies: { named: { maxRate: 1, capacity: Number(content) } },
      }),
    });
    expect(capacity()).toBe(5);
  });

  it.each([
    ['an empty object', '{}', 'an empty object'],
    ['a Kubernetes manifest', 'apiVersion: v1\nkind: Pod\n', 'Kubernetes'],
    ['cut after a key', 'version: 3\nendpoints:\n', 'is it cut?'],
    ['the path of another file', 'other.json', 'a text and nothing else'],
    ['JSON with a comma too many', '{ "version": 3, }', 'line 1, column'],
    ['a template', '{{ include "endpoints.tmpl" }}', 'a template'],
  ])(
    'leaves the limits unchanged and logs an error when a KrakenD file is %s',
    async (_, written, said) => {
      const { file, folder, watch, logger, limits } = await startImported();
      const noLimits = { version: 3, endpoints: [{ endpoint: '/named' }] };
      writeFileSync(join(folder, 'other.json'), JSON.stringify(noLimits));
      writeFileSync(file, JSON.stringify(krakendFile(2)));
      await watch();
      expect(limits()).toMatchObject([{ capacity: 2 }]);
      writeFileSync(file, written);
      await expect.poll(() => logger.errors.length, SOON).toBe(1);
      expect(logger.errors[0]).toContain(said);
      expect(limits()).toMatchObject([{ capacity: 2 }]);
      writeFileSync(file, JSON.stringify(krakendFile(3)));
      await expect.poll(limits, SOON).toMatchObject([{ capacity: 3 }]);
    },
  );

  it.each(['options', 'KrakenD'])(
    'lets requests through while 20,000 endpoints are read as %s',
    async (form) => {
      const { file, watch, limits } = await startImported();
      const write = (capacity: number) =>
        writeFileSync(
          file,
          JSON.stringify(
            form === 'KrakenD'
              ? krakendFile(capacity, 20_000)
              : {
                  routes: fromKrakend(krakendFile(capacity, 20_000)).options
                    .routes,
                },
          ),
        );
      write(2);
      await watch(form === 'KrakenD' ? undefined : {});
      expect(limits()).toMatchObject([{ capacity: 2 }]);
      write(3);
      const busy = new BusyWatch();
      await expect
        .poll(limits, { ...SOON, timeout: 60_000, interval: 200 })
        .toMatchObject([{ capacity: 3 }]);
      expect(busy.stop()).toBeLessThan(200);
    },
    120_000,
  );

  it('is no longer watched once the application closes', async () => {
    const { file, watch, close, capacity } = await start();
    writeFileSync(file, yaml(2));
    await watch();
    await close();
    writeFileSync(file, yaml(3));
    await new Promise((resolve) => setTimeout(resolve, 15 * EVERY_MS));
    expect(capacity()).toBe(2);
  });
});
