import type { AxiosResponse } from 'axios';
import { ListenConfig } from '../../config/schema/listen.schema.js';
import { UpstreamQuota } from '../../core/upstream-quota.js';
import { Clock } from '../../stores/clock.js';
import { AnswerHeaders, readQuota } from './quota-report.js';
import { retryAfterMs } from './retry-after.js';
import { SharedPause } from './shared-pause.js';

/** The answers in which `Retry-After` asks all callers to stay away. */
const PAUSING: ReadonlySet<number> = new Set([429, 503]);

/** Hears in a backend's answers how often it wants to be asked, and keeps to it for all of its callers. */
export class UpstreamSignals {
  readonly quota = new UpstreamQuota();
  private sharedPause: SharedPause | undefined;

  /** @param config which signals are heard, and for how long at most they hold */
  constructor(private readonly config: ListenConfig) {}

  /**
   * Hears an answer of one of the backend's hosts; what others answer says nothing about it.
   *
   * @param call the number of the call that it answers
   */
  hear(
    answer: AxiosResponse,
    call: number,
    nowMs: number,
    wallClockMs: number,
  ): void {
    const { retryAfter, quota, maxPauseMs } = this.config;
    if (retryAfter && PAUSING.has(answer.status)) {
      const field: unknown = answer.headers['retry-after'];
      const pauseMs = retryAfterMs(field, wallClockMs);
      if (pauseMs > 0) this.pause(nowMs + Math.min(pauseMs, maxPauseMs));
    }
    if (!quota) return;
    const report = readQuota(answer.headers as AnswerHeaders, wallClockMs);
    if (!report) return;
    const endsMs = nowMs + Math.min(report.endsInMs, maxPauseMs);
    this.quota.allow(report.left, endsMs, call);
  }

  /**
   * Shares pauses with the other instances.
   *
   * @param onPause told when another instance was asked for one
   */
  share(pause: SharedPause, clock: Clock, onPause: () => void): void {
    const { retryAfter, maxPauseMs } = this.config;
    if (!retryAfter) return;
    this.sharedPause = pause;
    pause.listen((untilMs) => {
      this.quota.pause(Math.min(untilMs, clock() + maxPauseMs));
      onPause();
    });
  }

  private pause(untilMs: number): void {
    this.quota.pause(untilMs);
    this.sharedPause?.tell(untilMs);
  }
}
