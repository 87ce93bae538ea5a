import { Fleet, NoticeListener } from './fleet.js';

interface Said {
  readonly from: number;
  readonly topic: string;
  readonly untilMs: number;
  readonly saidMs: number;
}

/** Instances that notify each other in virtual time; each notice arrives after a delay. */
export class SimulatedFleet {
  /** The delay of each notice; `Infinity` while none arrives. */
  delayMs = 0;
  private said: Said[] = [];
  private readonly listeners: NoticeListener[][];

  constructor(
    readonly size: number,
    private readonly now: () => number,
  ) {
    this.listeners = Array.from({ length: size }, () => []);
  }

  /** The view of one instance. These tests use one topic at a time. */
  of(from: number): Fleet {
    return {
      tell: (topic, untilMs) => {
        this.said = this.said.filter((one) => one.from !== from);
        this.said.push({ from, topic, untilMs, saidMs: this.now() });
      },
      listen: (_, hear) => this.listeners[from].push(hear),
    };
  }

  /** The instances whose notices have reached this instance. */
  heardBy(instance: number): number[] {
    const nowMs = this.now();
    return this.said
      .filter(({ from }) => from !== instance)
      .filter(({ untilMs }) => untilMs > nowMs)
      .filter(({ saidMs }) => saidMs + this.delayMs <= nowMs)
      .map(({ from }) => from);
  }

  /** Delivers to an instance the notices that have arrived. */
  deliver(instance: number): void {
    if (this.delayMs === Infinity) return;
    const heard = this.heardBy(instance);
    const notices = this.said
      .filter(({ from }) => heard.includes(from))
      .map(({ from, untilMs }) => ({ from: String(from), untilMs }));
    for (const hear of this.listeners[instance]) hear(notices, this.size);
  }
}
