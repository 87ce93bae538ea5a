import type { HttpBackend as Backend, ThrottleOptions } from 'nestjs-floodgate';
import * as undici from 'undici';
import { afterEach, beforeEach, onTestFinished } from 'vitest';
import { backend } from '../../lib/config/schema/backend.schema.js';
import { BackendRuntime } from '../../lib/proxy/backend-runtime.js';
import { HttpBackend } from '../../lib/proxy/http-backend.js';
import { httpTransport } from '../../lib/proxy/transport/http/http-transport.js';
import { undiciTransport } from '../../lib/proxy/transport/undici/undici-transport.js';
import { MemoryStore } from '../../lib/stores/memory-store.js';
import { Upstream } from './upstream.js';
import type { Listening } from './upstream.js';
import type { Behaviour } from './backend-behaviours.js';

export type BackendOptions = Partial<
  NonNullable<ThrottleOptions['backends']>[string]
>;

/** What every behaviour of axios is tried over. */
export const transports = ['http', 'undici'] as const;

let transport: (typeof transports)[number] = 'http';

/** Lets the tests of the suite around it call over `name` where they name nothing themselves. */
export function callOver(name: typeof transport): void {
  beforeEach(() => {
    transport = name;
  });
  afterEach(() => {
    transport = 'http';
  });
}

/** An upstream that is stopped when the test ends. */
export async function upstreamForTest(
  behaviour?: Behaviour,
  listening?: Listening,
): Promise<Upstream> {
  const upstream = await Upstream.start(behaviour, listening);
  onTestFinished(() => upstream.stop());
  return upstream;
}

/** Milliseconds that a clock can be put forward by, beside the passing of time. */
export interface TimeTravel {
  aheadMs: number;
}

/** The backend `catalog`, without an application around it; closed when the test ends. */
export function backendForTest(
  hosts: string | string[],
  options: BackendOptions = {},
  travel: TimeTravel = { aheadMs: 0 },
): Backend {
  const clock = () => performance.now() + travel.aheadMs;
  const config = backend.parse({
    transport,
    timeout: '20s', // what a busy machine needs is no matter of most tests
    ...options,
    hosts: [hosts].flat(),
  });
  const store = new MemoryStore(clock, 100);
  const open =
    config.transport === 'undici' ? undiciTransport(undici) : httpTransport;
  const catalog = new HttpBackend(
    new BackendRuntime({ name: 'catalog', config, store, clock, open }),
  );
  onTestFinished(() => catalog.close());
  return catalog;
}

/** What a promise rejects with; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('the call was answered');
}

/** Waits until something holds, at most `withinMs`. */
export async function eventually(
  holds: () => boolean,
  withinMs = 10_000,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > endMs) {
      throw new Error(`not within ${withinMs} ms: ${holds.toString()}`);
    }
    await new Promise((later) => {
      setTimeout(later, 5);
    });
  }
}

/** How long something took, whatever its end. */
export async function durationMs(promise: Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await promise.catch(() => {});
  return performance.now() - startMs;
}
