import { CanceledError } from 'axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { DeadlineHeader } from '../../core/time/deadline-header.js';
import { remainingMs } from '../../core/time/deadline.js';
import { Passage } from '../admission/passage.js';
import { permitShortage, refusalFor } from '../admission/shortage.js';
import { BackendCall } from './backend-call.js';
import { CallOrder } from './call-order.js';
import { CallSignal } from './call-signal.js';
import { CallsUnderway } from './calls-underway.js';
import { Carriage } from './carriage.js';
import { overlaid } from './overlaid.js';
import { goesToOwnHost } from './own-host.js';
import { pointless } from './pointless.js';
import { Settlement, SettlementParts } from './settlement.js';
import { tellingDeadline } from './told-deadline.js';

/** What the attempts of one backend are made with. */
export interface AttemptParts extends SettlementParts {
  readonly name: string;
  /** How the backend is told what is left of the deadline, if it is. */
  readonly passDeadline: DeadlineHeader | undefined;
  /** Axios' own request, interceptors and all. */
  readonly send: (request: AxiosRequestConfig) => Promise<AxiosResponse>;
  /** Axios' defaults, which users may change at any time. */
  readonly defaults: Pick<AxiosRequestConfig, 'adapter'>;
}

/** Attempts at calls: each passes the guard, is sent once, and is settled once with what it says about the backend. */
export class Attempts {
  /** Aborted when nothing is sent from now on. */
  readonly closing = new CallSignal();
  private readonly underway = new CallsUnderway();
  private readonly settlement: Settlement;

  constructor(private readonly parts: AttemptParts) {
    this.settlement = new Settlement(parts, (call) =>
      this.underway.remove(call),
    );
  }

  /**
   * The end of an order that is refused at once, before anything is taken for
   * it. Rejected and not thrown: an open breaker refuses many calls, and to
   * throw in an async function is nearly a third of what one refusal costs.
   */
  refused(order: CallOrder): Promise<never> | undefined {
    const refusal = this.refusal(order, this.parts.clock());
    return refusal && Promise.reject(refusal);
  }

  /** Makes one attempt at an order that was not refused. */
  attempt(order: CallOrder): Promise<AxiosResponse> {
    const { guard, clock } = this.parts;
    try {
      const passage = guard.admit(order, clock());
      return passage instanceof Promise
        ? passage.then((late) => this.carry(order, late))
        : this.carry(order, passage);
    } catch (refusal) {
      return Promise.reject(refusal as Error);
    }
  }

  /** Cancels what is underway; nothing is sent from now on. */
  close(): void {
    this.closing.abort(new CanceledError());
    this.parts.guard.close();
    this.underway.cancel();
  }

  /** Why an order is refused before anything is taken for it. */
  private refusal(order: CallOrder, nowMs: number): Error | undefined {
    if (this.closing.aborted) return new CanceledError();
    const { name, guard, fastest } = this.parts;
    const hopelessMs = fastest ? fastest.leastMs(nowMs) : 0;
    const known = pointless(order, name, nowMs, hopelessMs);
    if (known) return known;
    const shortage = permitShortage(guard.breaker, nowMs);
    return shortage && refusalFor(name, shortage);
  }

  private async carry(
    order: CallOrder,
    passage: Passage,
  ): Promise<AxiosResponse> {
    const { request, report } = order;
    const { name, hosts, send, defaults, passDeadline } = this.parts;
    const call = this.begin(order, passage);
    const carriage = new Carriage(request.adapter ?? defaults.adapter);
    try {
      const told = tellingDeadline(passDeadline, request, call.budgetMs);
      const own = {
        baseURL: request.baseURL ?? hosts.url(call.turn),
        signal: call.signal,
        timeout: 0, // ours covers it, and ends a body that trickles
        adapter: carriage.adapter,
      };
      return await call.within(send(overlaid(told, own)));
    } catch (error) {
      if (report) Object.assign(report, carriage.reportOn(call));
      throw carriage.exception(name, error, call);
    } finally {
      this.settlement.conclude(order, call, carriage, passage);
    }
  }

  private begin(order: CallOrder, { sentAtMs }: Passage): BackendCall {
    const { deadline, life, request, report, avoid } = order;
    const { hosts } = this.parts;
    const budgetMs = remainingMs(deadline, sentAtMs);
    const call = new BackendCall(budgetMs, life, request.signal);
    this.underway.add(call);
    if (this.closing.aborted) call.cancel();
    if (goesToOwnHost(request)) call.turn = hosts.next(sentAtMs, avoid);
    if (report) {
      report.turn = call.turn;
      report.sentAtMs = sentAtMs;
    }
    return call;
  }
}
