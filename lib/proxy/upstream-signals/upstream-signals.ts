import type { AxiosResponse } from 'axios';
import { ListenConfig } from '../../config/schema/listen.schema.js';
import { UpstreamQuota } from '../../core/upstream-quota.js';
import { Clock } from '../../stores/clock.js';
import { SharedPause } from '../fleet/shared-pause.js';
import { wantedPauseMs } from '../call/wanted-pause.js';
import { addressOf } from '../host-address.js';
import { AnswerHeaders, readQuota } from './quota-report.js';

/** The answers in which `Retry-After` asks all callers to stay away. */
const PAUSING: ReadonlySet<number> = new Set([429, 503]);

/** Hears in a backend's answers how often it wants to be asked, and keeps to it for all of its callers. */
export class UpstreamSignals {
  readonly quota = new UpstreamQuota();
  private readonly addresses: ReadonlySet<string>;
  private sharedPause: SharedPause | undefined;

  /**
   * @param config which signals are heard, and for how long at most they hold
   * @param hosts base URLs of the backend; what others answer says nothing about it
   */
  constructor(
    private readonly config: ListenConfig,
    hosts: readonly string[],
  ) {
    this.addresses = new Set(hosts.map(addressOf));
  }

  /**
   * Hears an answer.
   *
   * @param call the number of the call that it answers
   */
  hear(
    answer: AxiosResponse,
    call: number,
    nowMs: number,
    wallClockMs: number,
  ): void {
    if (!this.isOurs(answer)) return;
    const { retryAfter, quota, maxPauseMs } = this.config;
    if (retryAfter && PAUSING.has(answer.status)) {
      const pauseMs = wantedPauseMs(answer, wallClockMs);
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

  /** A redirect or an absolute URL may have led elsewhere. */
  private isOurs({ request }: AxiosResponse): boolean {
    const { res } = (request ?? {}) as { res?: { responseUrl?: string } };
    const url = res?.responseUrl;
    return url !== undefined && this.addresses.has(addressOf(url));
  }
}
