import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { StoreTransition } from 'nestjs-floodgate/redis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { httpCall } from '../../support/http-call.js';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { recipe } from './recipe.js';

interface Page {
  AppModule: Type;
  listen(app: INestApplication, port: number): Promise<void>;
}

describe.skipIf(!hasRedisServer)('the recipe of several instances', () => {
  let redis: RedisServer;
  const instances: INestApplication[] = [];
  let outages = 0;
  const hear = (message: unknown) => {
    if ((message as StoreTransition).state === 'down') outages++;
  };

  beforeEach(async () => {
    outages = 0;
    subscribe('floodgate:store', hear);
    redis = await RedisServer.start();
    vi.stubEnv('REDIS_URL', redis.url);
    const { AppModule, listen } = await recipe<Page>('several-instances');
    for (let i = 0; i < 2; i++) {
      const adapter = new FastifyAdapter();
      const app = await NestFactory.create(AppModule, adapter, {
        logger: false,
      });
      await listen(app, 0);
      instances.push(app);
    }
  });

  afterEach(async () => {
    await Promise.all(instances.splice(0).map((app) => app.close()));
    unsubscribe('floodgate:store', hear);
    vi.unstubAllEnvs();
    await redis.kill();
  });

  /** How many of so many searches pass, sent to the instances in turn. */
  async function passed(searches: number): Promise<number> {
    const urls = await Promise.all(instances.map((app) => app.getUrl()));
    let count = 0;
    for (let i = 0; i < searches; i++) {
      const { status } = await httpCall(`${urls[i % 2]}/search`);
      if (status === 200) count++;
    }
    return count;
  }

  it('together admits what one instance would', async () => {
    const startMs = performance.now();
    const count = await passed(150);
    const seconds = (performance.now() - startMs) / 1000;
    expect(count).toBeGreaterThanOrEqual(60);
    // On a busy machine an answer of Redis may be late, which is an outage and adds what one may.
    expect(count).toBeLessThanOrEqual(60 + seconds + outages * 2 * 60);
  });

  it('continues without Redis, each instance with its share, and does not limit probes', async () => {
    await redis.kill();
    const startMs = performance.now();
    const count = await passed(200);
    const seconds = (performance.now() - startMs) / 1000;
    expect(count).toBeGreaterThanOrEqual(2 * 20);
    expect(count).toBeLessThanOrEqual(60 + seconds);
    const url = await instances[0].getUrl();
    expect((await httpCall(`${url}/health`)).status).toBe(200);
  });
});
