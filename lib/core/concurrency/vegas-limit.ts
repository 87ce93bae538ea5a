import { SampleWindow } from './sample-window.js';

/** The settings of an adaptive limit. */
export interface VegasSettings {
  /** Its initial value. */
  readonly initial: number;
  /** Its lower bound; from 1. */
  readonly min: number;
  /** Its upper bound. */
  readonly max: number;
}

/** Windows between two measurements of the backend at rest: 40, plus up to as many again at random. */
const WINDOWS_BETWEEN_PROBES = 40;

/**
 * A concurrency limit that finds the capacity of a backend itself: TCP Vegas,
 * as Netflix's concurrency-limits applies it to calls. The share by which calls
 * take longer than at rest is the share of the running calls that sit in the
 * backend's queue. A short queue keeps the backend busy; a long one only makes
 * everyone wait. So the limit rises while the queue is shorter than `alpha` and
 * falls while it is longer than `beta`; both grow with the logarithm of the
 * limit.
 *
 * Now and then the duration at rest is measured anew with half the limit, as in
 * Envoy's adaptive concurrency: a minimum from better days would hold the limit
 * down for ever, and one measured under load would let it grow without end.
 */
export class VegasLimit {
  private limit: number;
  private atRestMs = Infinity;
  private untilProbe: number;
  private isProbing = false;
  private window: SampleWindow;

  /** @param random returns numbers from 0 to below 1; spreads the measurements of many instances */
  constructor(
    private readonly settings: VegasSettings,
    private readonly random: () => number,
    nowMs = 0,
  ) {
    this.limit = settings.initial;
    this.window = new SampleWindow(nowMs);
    this.untilProbe = this.windowsToNextProbe();
  }

  /** How many calls may be underway now; from 1. */
  get current(): number {
    const { min } = this.settings;
    return Math.max(
      min,
      Math.floor(this.isProbing ? this.limit / 2 : this.limit),
    );
  }

  /**
   * Learns from a call that has ended.
   *
   * @param tookMs how long it took
   * @param underway calls in progress when it ended, including itself
   * @param failed whether it failed
   */
  observe(
    tookMs: number,
    underway: number,
    failed: boolean,
    nowMs: number,
  ): void {
    const { window } = this;
    window.add(tookMs, underway, failed, nowMs);
    if (!window.isComplete(nowMs)) return;
    if (this.isProbing) this.endProbe(window);
    else this.adjust(window);
    this.window = new SampleWindow(nowMs);
  }

  private adjust(window: SampleWindow): void {
    const { averageMs, mostUnderway, hasFailures } = window;
    this.atRestMs = towards(averageMs, this.atRestMs);
    this.untilProbe--;
    this.isProbing = this.untilProbe <= 0;
    const step = Math.max(1, Math.log10(this.limit));
    if (hasFailures) this.moveBy(-step);
    // If demand is below the limit, durations say nothing about it.
    else if (mostUnderway * 2 >= this.limit) this.follow(averageMs, step);
  }

  private follow(averageMs: number, step: number): void {
    const alpha = 2 * step;
    const beta = 3 * step;
    const queue = this.limit * (1 - this.atRestMs / averageMs);
    if (queue <= step) this.moveBy(beta);
    else if (queue < alpha) this.moveBy(step);
    else if (queue > beta) this.moveBy(-step);
  }

  private endProbe({ averageMs }: SampleWindow): void {
    this.atRestMs = averageMs;
    this.isProbing = false;
    this.untilProbe = this.windowsToNextProbe();
  }

  private moveBy(step: number): void {
    const { min, max } = this.settings;
    this.limit = Math.min(max, Math.max(min, this.limit + step));
  }

  private windowsToNextProbe(): number {
    return WINDOWS_BETWEEN_PROBES * (1 + this.random());
  }
}

/** The share of a shorter duration that is adopted at once. */
const BELIEF = 0.2;

/** Adopts shorter durations only in part: the shortest of many averages is short by chance. */
function towards(averageMs: number, atRestMs: number): number {
  if (atRestMs === Infinity) return averageMs;
  const shorterMs = Math.min(averageMs, atRestMs);
  return atRestMs + (shorterMs - atRestMs) * BELIEF;
}
