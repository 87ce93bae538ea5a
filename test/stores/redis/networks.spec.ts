import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketLimit } from '../../../lib/core/bucket/bucket-limit.js';
import { BuiltStore } from '../../support/redis/built-store.js';
import { freePort } from '../../support/redis/free-port.js';
import { Behaviour, LyingPath } from '../../support/redis/lying-path.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { NetworkFleet } from './network-fleet.js';

const INSTANCES = 4;
const BUDGET_MS = 50;
const HURT_MS = 800;
/** Far above what a quiet machine takes to tell of a change. */
const ROUNDING = 5;

const all = bucketLimit({ maxRate: 400, everyMs: 1_000, capacity: 100 });
/** Of a client, which refuses nobody here. */
const each = bucketLimit({ maxRate: 1e6, everyMs: 1_000, capacity: 1e6 });

/** Changes when the buckets were last true by so many milliseconds, as a clock of Redis that was set does. */
const SHIFT = `
for _, key in ipairs(redis.call('KEYS', 'floodgate:*')) do
  if redis.call('TYPE', key).ok == 'string' and redis.call('STRLEN', key) == 24 then
    local tokens, last, ending = struct.unpack('<ddd', redis.call('GET', key))
    redis.call('SET', key, struct.pack('<ddd', tokens, last + ARGV[1], ending), 'KEEPTTL')
  end
end
`;

const WRONG_TYPE = `
redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[1], 'a', 'b')
`;

interface Scenario {
  readonly name: string;
  /** What is done to the network or to Redis, and how it is undone. */
  hurt(path: LyingPath, server: RedisServer): unknown;
  heal?(path: LyingPath, server: RedisServer): unknown;
  /** How many buckets it fills or loses by itself. */
  readonly fills?: number;
}

const network = (name: string, behaviour: Behaviour): Scenario => ({
  name,
  hurt: (path) => path.behave(behaviour),
});

const between = (lowMs: number, highMs: number) => () =>
  lowMs + Math.random() * (highMs - lowMs);

const scenarios: Scenario[] = [
  network('takes 30 ms', { delayMs: () => 15 }),
  network('takes 200 ms', { delayMs: () => 100 }),
  network('takes 40 to 60 ms', { delayMs: between(20, 30) }),
  {
    name: 'drops connections',
    hurt: async (path) => {
      path.behave({ breaksAfterMs: between(20, 120) });
      await path.refuse();
      await path.open();
    },
  },
  network('stalls on the way there', { stallsRequests: true }),
  network('stalls on the way back', { stallsReplies: true }),
  network('stalls both ways', { stallsRequests: true, stallsReplies: true }),
  network('cuts replies', { cutsAfter: 7 }),
  network('is slow', { portion: 3 }),
  {
    name: 'refuses connections',
    hurt: (path) => path.refuse(),
    heal: (path) => path.open(),
  },
  {
    name: 'leads to a Redis that was killed',
    hurt: (_, server) => server.kill(),
    heal: (_, server) => server.startAgain(),
    fills: 1,
  },
  {
    name: 'leads to a Redis that loses its data',
    hurt: async (_, server) => {
      for (let i = 0; i < 4; i++) {
        await server.command('flushall');
        await pause(HURT_MS / 5);
      }
    },
    fills: 4,
  },
  {
    name: 'leads to a Redis that is full',
    hurt: (_, server) => server.command('config', 'set', 'maxmemory', '1'),
    heal: (_, server) => server.command('config', 'set', 'maxmemory', '0'),
  },
  {
    name: 'leads to a replica (READONLY)',
    hurt: (_, server) => server.command('replicaof', '127.0.0.1', '1'),
    heal: (_, server) => server.command('replicaof', 'no', 'one'),
    fills: 1,
  },
  {
    name: 'leads to a Redis that asks for a password (NOAUTH)',
    hurt: async (_, server) => {
      await server.command('acl', 'setuser', 'default', 'resetpass', '>secret');
      await RedisServer.commandAt(
        `redis://:secret@127.0.0.1:${server.port}`,
        'client',
        'kill',
        'type',
        'normal',
        'skipme',
        'yes',
      );
    },
    heal: (_, server) =>
      RedisServer.commandAt(
        `redis://:secret@127.0.0.1:${server.port}`,
        'acl',
        'setuser',
        'default',
        'resetpass',
        'nopass',
      ),
  },
  {
    name: 'leads to a Redis that is BUSY',
    hurt: async (_, server) => {
      await server.command('config', 'set', 'busy-reply-threshold', '20');
      void server.command('eval', 'while true do end', '0').catch(() => {});
    },
    heal: (_, server) => server.command('script', 'kill'),
  },
  {
    name: 'leads to foreign data',
    hurt: async (_, server) => {
      for (const text of ['nonsense', '', 'x'.repeat(24), '\xff'.repeat(24)]) {
        for (const key of ['all', 'each|0-1', 'instances', '%notices']) {
          await server.command('set', `floodgate:${key}`, text);
        }
        await pause(HURT_MS / 8);
      }
    },
    fills: 4,
  },
  {
    name: 'leads to keys of the wrong type',
    hurt: async (_, server) => {
      for (const key of ['all', 'each|0-1', 'instances', '%notices']) {
        await server.command('eval', WRONG_TYPE, '1', `floodgate:${key}`);
      }
    },
    fills: 1,
  },
  {
    name: 'leads to a Redis whose clock is set ahead an hour',
    hurt: (_, server) => server.command('eval', SHIFT, '0', '-3600000'),
    fills: 1,
  },
  {
    name: 'leads to a Redis whose clock is set back an hour',
    hurt: (_, server) => server.command('eval', SHIFT, '0', '3600000'),
  },
];

describe.runIf(hasRedisServer)(
  'four processes on a network that',
  { timeout: 30_000 },
  () => {
    let server: RedisServer;
    let path: LyingPath;
    let store: BuiltStore;
    let fleet: NetworkFleet;

    beforeAll(async () => {
      [server, store] = await Promise.all([
        RedisServer.start(),
        BuiltStore.build('networks'),
      ]);
      path = await LyingPath.to(server.port, await freePort());
      const options = {
        url: path.url,
        decisionBudget: `${BUDGET_MS}ms`,
        instances: INSTANCES,
      };
      fleet = await NetworkFleet.start(INSTANCES, store.file, options);
      fleet.begin({ all, each });
      await fleet.allUp();
    });
    afterAll(async () => {
      await fleet?.close();
      await path?.refuse();
      await server?.stop();
      await store?.remove();
    });

    it.each(scenarios)(
      '$name: nobody fails or waits, admission stays within bounds, and recovery takes at most 2 s',
      async ({ hurt, heal, fills = 0 }) => {
        await fleet.report();
        const beganMs = fleet.mark();
        await hurt(path, server);
        await pause(HURT_MS);
        path.behave({});
        await heal?.(path, server);
        const recoveredMs = await fleet.allUp();
        const seen = await fleet.report();
        // A machine that is busy with other things is no fault of the store.
        expect(recoveredMs).toBeLessThan(2_000 + seen.heldUpMs);

        expect(seen.failures).toEqual([]);
        expect(seen.latenciesMs.length).toBeGreaterThan(100);
        expect(seen.p99Ms).toBeLessThan(BUDGET_MS + 10);

        const { upMs, downMs, outages } = fleet.since(beganMs);
        // Its own bucket, those that were filled, and, with an outage, the shares and what flowed in meanwhile.
        const buckets = 1 + fills + (outages > 0 ? 2 : 0);
        const allowed =
          buckets * all.capacity +
          upMs * all.tokensPerMs +
          (downMs * all.tokensPerMs) / INSTANCES;
        expect(seen.admitted).toBeLessThanOrEqual(allowed + ROUNDING);
        // And the limit is used.
        expect(seen.admitted).toBeGreaterThan(0.2 * HURT_MS * all.tokensPerMs);
        // It does not flap: no more than a few outages of each instance.
        expect(outages).toBeLessThanOrEqual(4 * INSTANCES);
      },
    );

    it('stalls while they close: closing takes at most a second', async () => {
      path.behave({ stallsRequests: true, stallsReplies: true });
      const closingMs = await fleet.close();
      expect(Math.max(...closingMs)).toBeLessThan(1_500);
    });
  },
);
