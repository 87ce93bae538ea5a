import type { AxiosResponse } from 'axios';
import { ListenConfig } from '../../config/schema/listen.schema.js';
import { UpstreamQuota } from '../../core/upstream-quota.js';
import { Clock } from '../../stores/clock.js';
import { AnswerHeaders, readQuota } from './quota-report.js';
import { retryAfterMs } from './retry-after.js';
import { SharedPause } from './shared-pause.js';

/** The statuses for which `Retry-After` applies to all callers. */
const PAUSING: ReadonlySet<number> = new Set([429, 503]);

/** Reads the rate-limit signals in a backend's responses and enforces them for all callers. */
export class UpstreamSignals {
  readonly quota = new UpstreamQuota();
  private sharedPause: SharedPause | undefined;

  /** @param config which signals to respect, and the maximum time they apply */
  constructor(private readonly config: ListenConfig) {}

  /**
   * Reads a response of one of the backend's hosts. Do not pass responses of
   * other hosts.
   *
   * @param call the sequence number of the call
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
   * @param onPause called when another instance announces a pause
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
