import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketLimit } from '../../../lib/core/bucket/bucket-limit.js';
import { RedisStore } from '../../../lib/stores/redis/store.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { openStoreAt } from './open-store.js';

const INSTANCES = 3;
const SHARE = 0.1;
const limit = bucketLimit({
  maxRate: 500,
  everyMs: 3_600_000,
  capacity: 500,
});

describe.runIf(hasRedisServer)('leases on a hot Redis key', () => {
  let server: RedisServer;
  let stores: RedisStore[];
  beforeAll(async () => {
    server = await RedisServer.start();
    const lease = { share: SHARE, life: '10s' };
    stores = await Promise.all(
      Array.from({ length: INSTANCES }, () =>
        openStoreAt({ url: server.url, lease }),
      ),
    );
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.onApplicationShutdown()));
    await server?.stop();
  });

  it('keep to the limit with few round trips and leave nothing behind when an instance closes', async () => {
    const plans = stores.map((store) =>
      store.plan([{ id: 'hot', limit, keyed: false }]),
    );
    let admitted = 0;
    await Promise.all(
      plans.map(async (plan) => {
        for (let i = 0; i < 130; i++) {
          if ((await plan.decide([''], [1])).admitted) admitted++;
        }
      }),
    );
    expect(admitted).toBe(INSTANCES * 130);
    const stats = String(await server.command('info', 'commandstats'));
    const calls = Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1]);
    expect(calls).toBeLessThan(100);

    await Promise.all(stores.map((store) => store.onApplicationShutdown()));
    const late = await openStoreAt({ url: server.url });
    const plan = late.plan([{ id: 'hot', limit, keyed: false }]);
    const { tokens } = await plan.decide([''], [0]);
    await late.onApplicationShutdown();
    expect(tokens[0]).toBeCloseTo(500 - admitted, -1);
    expect(tokens[0]).toBeGreaterThanOrEqual(500 - admitted);
  });
});
