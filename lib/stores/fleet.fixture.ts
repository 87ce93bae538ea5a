import { Fleet, NoticeListener } from './fleet.js';

interface Said {
  readonly from: number;
  readonly topic: string;
  readonly untilMs: number;
  readonly saidMs: number;
}

/** Instances that tell each other things in virtual time: each hears of a notice some time after it was told. */
export class SimulatedFleet {
  /** How long ago a notice must have been told to be heard; `Infinity` while nothing gets through. */
  delayMs = 0;
  private said: Said[] = [];
  private readonly listeners: NoticeListener[][];

  constructor(
    readonly size: number,
    private readonly now: () => number,
  ) {
    this.listeners = Array.from({ length: size }, () => []);
  }

  /** One instance's view. These tests have one topic at a time. */
  of(from: number): Fleet {
    return {
      tell: (topic, untilMs) => {
        this.said = this.said.filter((one) => one.from !== from);
        this.said.push({ from, topic, untilMs, saidMs: this.now() });
      },
      listen: (_, hear) => this.listeners[from].push(hear),
    };
  }

  /** Who says something now that an instance can hear. */
  heardBy(instance: number): number[] {
    const nowMs = this.now();
    return this.said
      .filter(({ from }) => from !== instance)
      .filter(({ untilMs }) => untilMs > nowMs)
      .filter(({ saidMs }) => saidMs + this.delayMs <= nowMs)
      .map(({ from }) => from);
  }

  /** Lets an instance hear what there is. */
  deliver(instance: number): void {
    if (this.delayMs === Infinity) return;
    const heard = this.heardBy(instance);
    const notices = this.said
      .filter(({ from }) => heard.includes(from))
      .map(({ from, untilMs }) => ({ from: String(from), untilMs }));
    for (const hear of this.listeners[instance]) hear(notices, this.size);
  }
}
