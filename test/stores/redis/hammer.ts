import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as pause } from 'node:timers/promises';
import { bucketLimit } from '../../../lib/core/bucket/bucket-limit.js';
import { processClock } from '../../../lib/stores/clock.js';
import { redisStore, RedisStore } from '../../../lib/stores/redis/store.js';
import { RedisStoreOptions } from '../../../lib/stores/redis/redis-store.schema.js';
import { StoreTransition } from '../../../lib/events.js';
import { WatchedLoop, watchLoop } from '../../support/held-up.js';

const EVERY_MS = 2;
/** Far from any limit: what passes here is not what is looked at. */
const limit = bucketLimit({ maxRate: 1e9, everyMs: 1_000, capacity: 1e9 });

/** What happened to a store that was asked all the time. */
export interface Hammering {
  readonly latenciesMs: number[];
  readonly failures: unknown[];
  /** Changes of state, with when they were told. */
  readonly changes: { state: string; reason?: string; atMs: number }[];
  /** The longest that this process was busy with something else. */
  readonly lagMs: number;
}

/** Asks a store every two milliseconds, for a plan of two buckets, while something is done to Redis. */
export async function hammer(
  options: RedisStoreOptions,
  doThings: (until: UntilState) => Promise<void>,
): Promise<Hammering> {
  const { changes, stop } = listen();
  const latenciesMs: number[] = [];
  const failures: unknown[] = [];
  const unhandled = (error: unknown) => failures.push(error);
  process.on('unhandledRejection', unhandled);
  const host = { clock: processClock, maxClients: 1_000 };
  const store = (await redisStore(options).open(host)) as RedisStore;
  await store.onModuleInit();
  const plan = store.plan([
    { id: 'all', limit, keyed: false, group: 'route' },
    { id: 'each', limit, keyed: true, group: 'route' },
  ]);

  let asked = 0;
  const ask = async () => {
    const beganMs = performance.now();
    try {
      await plan.decide(['', `client-${++asked % 50}`], [1, 1]);
    } catch (error) {
      failures.push(error);
    }
    latenciesMs.push(performance.now() - beganMs);
  };
  const lagMs = watchLoop();
  const loop = new WatchedLoop();
  const timer = setInterval(() => void ask(), EVERY_MS);
  try {
    await pause(300);
    await doThings((state) => untilState(changes, state, loop));
    await pause(300);
  } finally {
    clearInterval(timer);
    await store.onApplicationShutdown();
    process.off('unhandledRejection', unhandled);
    stop();
  }
  return { latenciesMs, failures, changes, lagMs: lagMs() };
}

/** Resolves when that state was told since the last call, with the milliseconds it took while nothing held up this process; fails after ten seconds. */
export type UntilState = (state: 'up' | 'down') => Promise<number>;

async function untilState(
  changes: Hammering['changes'],
  state: 'up' | 'down',
  loop: WatchedLoop,
): Promise<number> {
  const beganMs = performance.now();
  const heldUpMs = loop.heldUpMs;
  while (changes.at(-1)?.state !== state) {
    if (performance.now() > beganMs + 10_000) {
      throw new Error(`not ${state} in 10 s: ${JSON.stringify(changes)}`);
    }
    await pause(5);
  }
  return performance.now() - beganMs - (loop.heldUpMs - heldUpMs);
}

function listen() {
  const changes: Hammering['changes'] = [];
  const onChange = (message: unknown) => {
    const { state, reason } = message as StoreTransition;
    changes.push({ state, reason, atMs: performance.now() });
  };
  subscribe('floodgate:store', onChange);
  return { changes, stop: () => unsubscribe('floodgate:store', onChange) };
}

/** The time within which all but one of a hundred were decided. */
export function p99(latenciesMs: readonly number[]): number {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)];
}
