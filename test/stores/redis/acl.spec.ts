import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bucketLimit } from '../../../lib/core/bucket/bucket-limit.js';
import { processClock } from '../../../lib/stores/clock.js';
import { NEEDED_COMMANDS } from '../../../lib/stores/redis/outage/outage-log.js';
import { RedisStore, redisStore } from '../../../lib/stores/redis/store.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';

const limit = bucketLimit({ maxRate: 100, everyMs: 3_600_000, capacity: 100 });

describe.runIf(hasRedisServer).each(['redis', 'ioredis'] as const)(
  'a restricted Redis user over %s',
  (library) => {
    let server: RedisServer;
    let lines: string[];
    const stores: RedisStore[] = [];
    beforeEach(async () => {
      server = await RedisServer.start();
      lines = [];
      const note = (line: unknown) => void lines.push(String(line));
      vi.spyOn(Logger.prototype, 'warn').mockImplementation(note);
      vi.spyOn(Logger.prototype, 'log').mockImplementation(note);
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      await Promise.all(
        stores.splice(0).map((store) => store.onApplicationShutdown()),
      );
      await server?.stop();
    });

    /** Asks for two tokens, again and again for a second, as a user with these rights. */
    async function askAs(rights: string, password = 'secret') {
      const user = ['acl', 'setuser', 'shop', 'on', '>secret', 'resetkeys'];
      await server.command(...user, '-@all', ...rights.split(' '));
      const url = `redis://shop:${password}@127.0.0.1:${server.port}`;
      const source = redisStore({
        url,
        library,
        prefix: 'shop',
        decisionBudget: '5s',
      });
      const host = { clock: processClock, maxClients: 100 };
      const store = (await source.open(host)) as RedisStore;
      stores.push(store);
      store.fleet?.listen('topic', () => {});
      await store.onModuleInit();
      const plan = store.plan([{ id: 'all', limit, keyed: false }]);
      for (let i = 0; i < 20; i++) {
        await plan.decide([''], [1]);
        await pause(50);
      }
      store.fleet?.tell('topic', processClock() + 60_000);
      await pause(100);
    }

    it('works with the permissions that the docs name', async () => {
      const page = await readFile('docs/redis.md', 'utf8');
      expect(page).toContain(`~floodgate:* ${NEEDED_COMMANDS}`);
      await askAs(`~shop:* ${NEEDED_COMMANDS}`);
      expect(lines).toEqual([]);
      expect(await server.command('exists', 'shop:all')).toBe(1);
      expect(await server.command('exists', 'shop:instances')).toBe(1);
      expect(await server.command('exists', 'shop:%notices')).toBe(1);
      // Later servers take the name of a client's library, where they may.
      const log = JSON.stringify(await server.command('acl', 'log'));
      expect(log.replaceAll('client|setinfo', '')).not.toMatch(
        /"object","(?!client)/,
      );
    });

    it.each(['evalsha', 'time', 'mget', 'set', 'setrange', 'del'])(
      'is reported once with cause and remedy when %s is forbidden',
      async (command) => {
        await askAs(`~shop:* ${NEEDED_COMMANDS} -${command}`);
        expect(lines).toHaveLength(1);
        expect(lines[0]).toMatch(
          /^Redis is down: .*(permission|ACL|can't run).*ACL SETUSER its name with ~shop:\* \+eval/,
        );
      },
    );

    it('is reported once when the keys are forbidden', async () => {
      await askAs(`~other:* ${NEEDED_COMMANDS}`);
      expect(lines).toEqual([expect.stringMatching(/ACL SETUSER its name/)]);
    });

    it('is reported once when the password is wrong', async () => {
      await askAs(`~shop:* ${NEEDED_COMMANDS}`, 'wrong');
      expect(lines).toEqual([
        expect.stringMatching(
          /there is no connection \(WRONGPASS.*another user or password/,
        ),
      ]);
      expect(lines[0]).not.toContain('wrong-');
    });
  },
);
