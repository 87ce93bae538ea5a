import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { bucketLimit } from '../../../lib/core/bucket/bucket-limit.js';
import { Verdict } from '../../../lib/stores/bucket-store.js';
import { processClock } from '../../../lib/stores/clock.js';
import { RedisStore, redisStore } from '../../../lib/stores/redis/store.js';
import { RedisStoreOptions } from '../../../lib/stores/redis/redis-store.schema.js';
import { undisturbedMs } from '../../support/held-up.js';
import { Impostor, Reply } from '../../support/redis/impostor.js';

const BUDGET_MS = 50;
const CAPACITY = 3;
const limit = bucketLimit({
  maxRate: 1,
  everyMs: 3_600_000,
  capacity: CAPACITY,
});

/** To connect, clients are satisfied with anything that is no error. */
const greeting: Record<string, string> = {
  hello: '-ERR unknown command\r\n',
  client: '+OK\r\n',
  info: '$21\r\nredis_version:7.0.15\r\n\r\n',
};

const bulk = (bytes: number, fill = '\0') =>
  `$${bytes}\r\n${fill.repeat(bytes)}\r\n`;

/** Replies to whatever a script is asked; each also where every command gets it. */
const lies: [string, string | undefined][] = [
  ['+OK', '+OK\r\n'],
  ['a number', ':1\r\n'],
  ['an empty list', '*0\r\n'],
  ['a list', '*2\r\n:1\r\n$2\r\nab\r\n'],
  ['nil', '$-1\r\n'],
  ['no list', '*-1\r\n'],
  ['an empty text', bulk(0)],
  ['eight bytes', bulk(8, '?')],
  ['16 bytes', bulk(16)],
  ['24 bytes', bulk(24)],
  ['32 bytes, as many as are asked for', bulk(32)],
  ['33 bytes', bulk(33)],
  ['a megabyte', bulk(1_000_000)],
  ['two replies to one', '+OK\r\n+OK\r\n'],
  ['an error with a screen full of colours', '-ERR \x1b[31m\x07 red\r\n'],
  ['an error without a code', '-\r\n'],
  ['garbage', '\x00\x01\xff garbage\r\n'],
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
  ['a text that never ends', '$1000000\r\nabc'],
  ['a text of a length that is none', '$abc\r\n\r\n'],
  ['nothing at all', undefined],
];

describe.each(['redis', 'ioredis'] as const)(
  'a server that is not Redis over %s',
  (library) => {
    afterEach(() => vi.restoreAllMocks());

    /** Asks a store for six requests of three tokens while the server lies; returns all that was noticed. */
    async function asked(reply: Reply, options: Partial<RedisStoreOptions>) {
      const impostor = await Impostor.start(reply);
      onTestFinished(() => impostor.stop());
      const uncaught: unknown[] = [];
      const note = (error: unknown) => void uncaught.push(error);
      process.on('unhandledRejection', note).on('uncaughtException', note);
      onTestFinished(() => {
        process.off('unhandledRejection', note);
        process.off('uncaughtException', note);
      });
      const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
      const config = { url: impostor.url, library, ...options };
      const host = { clock: processClock, maxClients: 100 };
      const store = (await redisStore(config).open(host)) as RedisStore;
      await store.onModuleInit();
      const plan = store.plan([
        { id: 'all', limit, keyed: false },
        { id: 'each', limit, keyed: true },
      ]);
      const verdicts: Verdict[] = [];
      let slowestMs = 0;
      for (let i = 0; i < 6; i++) {
        const decided = Promise.resolve(plan.decide(['', 'ann'], [1, 1]));
        slowestMs = Math.max(slowestMs, await undisturbedMs(decided));
        verdicts.push(await decided);
        await pause(5);
      }
      const closingMs = await undisturbedMs(store.onApplicationShutdown());
      await pause(20);
      return {
        slowestMs,
        closingMs,
        admitted: verdicts.filter(({ admitted }) => admitted).length,
        lines: warn.mock.calls.map(([line]) => String(line)),
        uncaught,
      };
    }

    const expectOutage = (seen: Awaited<ReturnType<typeof asked>>) => {
      expect(seen.uncaught).toEqual([]);
      expect(seen.slowestMs).toBeLessThan(BUDGET_MS + 10);
      expect(seen.closingMs).toBeLessThan(1_100);
      expect(seen.lines).toEqual([
        expect.stringMatching(/^Redis is down: .* enforces its share/),
      ]);
      expect(seen.lines[0]).not.toMatch(/\p{Cc}/u);
    };

    it.each(lies)(
      'causes an outage when it replies %s to requests',
      async (_, lie) => {
        const seen = await asked(
          ([name]) =>
            (name.startsWith('eval') ? lie : greeting[name]) ?? '+OK\r\n',
          {},
        );
        expectOutage(seen);
        expect(seen.admitted).toBe(CAPACITY);
      },
    );

    it.each(lies)(
      'causes an outage when it replies %s to everything',
      async (_, lie) => {
        const seen = await asked(() => lie, {});
        expectOutage(seen);
        expect(seen.admitted).toBe(CAPACITY);
      },
    );

    it('causes a refusal under the policy closed', async () => {
      const answers = asked(() => bulk(8, '?'), { onStoreFailure: 'closed' });
      await expect(answers).rejects.toMatchObject({ status: 503 });
    });

    it('closes within a second, even with leases to return and a heartbeat to end', async () => {
      const seen = await asked(
        ([name]) => (name.startsWith('eval') ? undefined : greeting[name]),
        { lease: {}, decisionBudget: '50ms' },
      );
      expect(seen.closingMs).toBeLessThan(1_100);
    });
  },
);
