/** Numbers from 0 to below 1 that are the same each time (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Job {
  readonly sentAtMs: number;
  endsAtMs: number;
}

/** Told of each call that ends. */
export type OnEnd = (tookMs: number, underway: number, nowMs: number) => void;

/**
 * A backend of so many workers with one queue before them, each call taking an
 * exponential time (M/M/c), under more demand than it can bear: whatever the
 * limit allows is underway. In virtual time.
 */
export class SaturatedBackend {
  nowMs = 0;
  served = 0;
  private readonly running: Job[] = [];
  private readonly queue: Job[] = [];

  constructor(
    public workers: number,
    public meanMs: number,
    private readonly random: () => number,
  ) {}

  /** Lets `forMs` pass under a limit that may change at any time. */
  run(forMs: number, limit: { readonly current: number }, onEnd: OnEnd): void {
    const endMs = this.nowMs + forMs;
    this.send(limit.current);
    while (this.running.length > 0) {
      const job = this.nextToEnd();
      if (job.endsAtMs > endMs) break;
      this.nowMs = job.endsAtMs;
      const underway = this.running.length + this.queue.length;
      this.running.splice(this.running.indexOf(job), 1);
      this.served++;
      onEnd(this.nowMs - job.sentAtMs, underway, this.nowMs);
      this.send(limit.current);
    }
    this.nowMs = endMs;
  }

  private send(limit: number): void {
    while (this.running.length + this.queue.length < limit) {
      this.queue.push({ sentAtMs: this.nowMs, endsAtMs: Infinity });
    }
    while (this.running.length < this.workers && this.queue.length > 0) {
      const job = this.queue.shift()!;
      job.endsAtMs = this.nowMs - Math.log(1 - this.random()) * this.meanMs;
      this.running.push(job);
    }
  }

  private nextToEnd(): Job {
    return this.running.reduce((a, b) => (b.endsAtMs < a.endsAtMs ? b : a));
  }
}
