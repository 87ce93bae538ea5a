import { ChildProcess, fork } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BucketLimit } from '../../../lib/core/bucket/bucket-limit.js';
import { RedisStoreOptions } from '../../../lib/stores/redis/redis-store.schema.js';
import { p99 } from './hammer.js';

const CHILD = fileURLToPath(new URL('networks-child.mjs', import.meta.url));
const LONGEST_MS = 10_000;

interface Change {
  readonly state: 'up' | 'down';
  readonly atMs: number;
}

interface Report {
  readonly kind: 'report';
  readonly latenciesMs: number[];
  readonly admittedMs: number[];
  readonly failures: string[];
  /** What the process was held up for. */
  readonly heldUpMs: number;
}

type Message =
  | ({ readonly kind: 'change' } & Change)
  | { readonly kind: 'ready' }
  | { readonly kind: 'closed'; readonly tookMs: number }
  | Report;

/** One process of the fleet, as its parent sees it. */
class Instance {
  readonly changes: Change[] = [];

  constructor(readonly child: ChildProcess) {
    child.on('message', (message: Message) => {
      if (message.kind === 'change') this.changes.push(message);
    });
  }

  get isUp(): boolean {
    return this.changes.at(-1)?.state !== 'down';
  }

  /** The next message of a kind. */
  heard<Kind extends Message['kind']>(kind: Kind) {
    return new Promise<Extract<Message, { kind: Kind }>>((resolve) => {
      const hear = (message: Message) => {
        if (message.kind !== kind) return;
        this.child.off('message', hear);
        resolve(message as Extract<Message, { kind: Kind }>);
      };
      this.child.on('message', hear);
    });
  }

  /** When it was down since an instant. */
  downSince(beganMs: number, nowMs: number): [number, number][] {
    const times: [number, number][] = [];
    let downMs: number | undefined;
    for (const { state, atMs } of this.changes) {
      if (state === 'down') downMs ??= atMs;
      else if (downMs !== undefined) {
        times.push([Math.max(downMs, beganMs), atMs]);
        downMs = undefined;
      }
    }
    if (downMs !== undefined) times.push([Math.max(downMs, beganMs), nowMs]);
    return times.filter(([from, to]) => to > from);
  }
}

/** Processes that ask a store all the time. */
export class NetworkFleet {
  private closing: Promise<number[]> | undefined;
  private constructor(private readonly instances: readonly Instance[]) {}

  static async start(
    count: number,
    file: string,
    options: RedisStoreOptions,
  ): Promise<NetworkFleet> {
    const instances = Array.from({ length: count }, (_, i) => {
      const args = [file, JSON.stringify(options), String(i)];
      return new Instance(fork(CHILD, args, { stdio: 'ignore' }));
    });
    await Promise.all(instances.map((one) => one.heard('ready')));
    return new NetworkFleet(instances);
  }

  begin(limits: { all: BucketLimit; each: BucketLimit }): void {
    for (const { child } of this.instances) {
      child.send({ kind: 'begin', ...limits });
    }
  }

  /** An instant, by the clock that all processes share. */
  mark(): number {
    return performance.timeOrigin + performance.now();
  }

  /** Resolves when every instance asks Redis again, with how long that took. */
  async allUp(): Promise<number> {
    const beganMs = performance.now();
    while (!this.instances.every(({ isUp }) => isUp)) {
      if (performance.now() - beganMs > LONGEST_MS) break;
      await pause(5);
    }
    return performance.now() - beganMs;
  }

  /** What was seen since the last report. */
  async report() {
    const reports = await Promise.all(
      this.instances.map((one) => {
        const heard = one.heard('report');
        one.child.send({ kind: 'report' });
        return heard;
      }),
    );
    const latenciesMs = reports.flatMap((one) => one.latenciesMs);
    return {
      latenciesMs,
      heldUpMs: Math.max(...reports.map((one) => one.heldUpMs)),
      p99Ms: latenciesMs.length > 0 ? p99(latenciesMs) : 0,
      failures: reports.flatMap((one) => one.failures),
      admitted: reports.reduce((sum, one) => sum + one.admittedMs.length, 0),
    };
  }

  /** For how long Redis was asked by anybody, and how long instances were down altogether. */
  since(beganMs: number) {
    const nowMs = this.mark();
    const downs = this.instances.map((one) => one.downSince(beganMs, nowMs));
    const downMs = downs.flat().reduce((sum, [from, to]) => sum + to - from, 0);
    const outages = downs.reduce((sum, times) => sum + times.length, 0);
    // While all are down nobody draws from the bucket in Redis.
    let allDownMs = 0;
    for (const [from, to] of downs[0]) {
      const others = downs
        .slice(1)
        .map((times) =>
          times
            .map(([start, end]) => [Math.max(start, from), Math.min(end, to)])
            .filter(([start, end]) => end > start),
        );
      const overlaps = others.map((times) =>
        times.reduce((sum, [start, end]) => sum + end - start, 0),
      );
      allDownMs += Math.max(0, Math.min(to - from, ...overlaps));
    }
    return { upMs: nowMs - beganMs - allDownMs, downMs, outages };
  }

  /** Closes all that are open, once, and says how long each took. */
  close(): Promise<number[]> {
    return (this.closing ??= this.closeAll());
  }

  private closeAll(): Promise<number[]> {
    const open = this.instances.filter(({ child }) => child.connected);
    return Promise.all(
      open.map(async (one) => {
        const closed = one.heard('closed');
        one.child.send({ kind: 'close' });
        return (await closed).tookMs;
      }),
    );
  }
}
