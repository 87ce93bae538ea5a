import { finished, Readable } from 'node:stream';
import { CanceledError } from 'axios';
import type { AxiosResponse } from 'axios';
import { AttemptReport } from './attempt-report.js';
import { CallOrder } from './call-order.js';
import { CallSignal } from './call-signal.js';
import { overlaid } from './overlaid.js';

/** One of the attempts at a read that race; it can be given up without the others. */
export class Leg {
  readonly order: CallOrder;
  readonly report: AttemptReport = {};
  /** How it ended, where it failed. */
  error: unknown;
  private readonly signal = new CallSignal();
  private readonly caller: CallOrder['request']['signal'];

  /** @param before the leg that is slow, whose host is not asked twice where there is another */
  constructor(order: CallOrder, before?: Leg) {
    const { request } = order;
    this.caller = request.signal;
    if (this.caller?.aborted) this.abort();
    else this.caller?.addEventListener?.('abort', this.abort);
    this.order = overlaid(order, {
      request: overlaid(request, { signal: this.signal }),
      report: this.report,
      avoid: before ? before.report.turn : order.avoid,
    });
  }

  /** How long the backend has had to answer it: not at all while it waits to be sent, long enough once it failed. */
  askedForMs(nowMs: number): number {
    if (this.error !== undefined) return Infinity;
    return nowMs - (this.report.sentAtMs ?? nowMs);
  }

  /** Lets go of the caller's signal once nothing is left to abort; a stream lives on after its answer. */
  end(answer?: AxiosResponse): void {
    const letGo = () => this.caller?.removeEventListener?.('abort', this.abort);
    if (answer?.data instanceof Readable) finished(answer.data, letGo);
    else letGo();
  }

  /** Gives it up; it counts as neither success nor failure. */
  readonly abort = (): void => {
    this.signal.abort(new CanceledError());
  };
}
