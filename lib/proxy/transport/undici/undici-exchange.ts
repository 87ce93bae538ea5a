import { AsyncResource } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { RedirectGuard, TransportFault } from '../transport.js';
import { Hop, HopError, HopListener } from './hop.js';
import {
  isFollowed,
  RedirectAnswer,
  redirected,
  RedirectError,
} from './redirect.js';
import { UndiciAnswer } from './undici-answer.js';
import {
  cancelled,
  isRefusal,
  statusError,
  unanswered,
} from './undici-errors.js';
import { UndiciRequest } from './undici-request.js';

/** Sends the hops of an exchange. */
export interface Carrier {
  /** The timeout for response headers in milliseconds, per hop. */
  readonly headersWithinMs: number | undefined;
  send(hop: Hop): void;
  /** Removes a queued hop. */
  withdraw(hop: Hop): void;
}

/** The callbacks of an exchange. */
export interface ExchangeEnds {
  /** Called before each redirect is followed; throws if it is forbidden. */
  readonly mayFollow: RedirectGuard;
  readonly resolve: (answer: AxiosResponse | Promise<AxiosResponse>) => void;
  readonly reject: (error: Error, fault?: TransportFault) => void;
  /** Sends the call with axios' own adapter, if undici refuses it. */
  readonly byAxios: () => Promise<AxiosResponse>;
}

/** One call, including redirects, up to the last byte of its response. Settles like axios' own adapter. */
export class UndiciExchange extends AsyncResource implements HopListener {
  private hop: Hop;
  private followed = 0;
  private isSettled = false;
  private redirect: RedirectAnswer | undefined;
  private answer: UndiciAnswer | undefined;

  constructor(
    readonly config: InternalAxiosRequestConfig,
    public request: UndiciRequest,
    private readonly carrier: Carrier,
    private readonly ends: ExchangeEnds,
  ) {
    super('BackendCall', { requireManualDestroy: true });
    this.hop = this.nextHop();
  }

  /** Sends the first request, unless the call is already cancelled. */
  start(): void {
    const { signal, cancelToken } = this.config;
    signal?.addEventListener?.('abort', this.cancel);
    cancelToken?.subscribe(this.cancel);
    if (signal?.aborted) this.cancel();
    if (!this.isSettled) this.carrier.send(this.hop);
  }

  onAnswer(
    status: number,
    statusText: string,
    headers: IncomingHttpHeaders,
  ): void {
    if (isFollowed({ status, headers }, this.config)) {
      this.redirect = { status, headers };
      // By then, most redirect responses are complete, so the connection can be reused.
      setImmediate(() => this.follow());
      return;
    }
    const { hop } = this;
    const flow = {
      pause: () => hop.pause(),
      resume: () => hop.resume(),
      stop: () => hop.leave(),
    };
    const head = { status, statusText, headers };
    this.answer = new UndiciAnswer(head, this, flow, {
      complete: (answer) => {
        if (this.isSettled) return;
        this.settled();
        this.deliver(answer);
      },
      handOver: (answer) => this.deliver(answer),
      over: () => this.settled(),
      fail: (error) => this.fail(error),
    });
  }

  onData(chunk: Buffer): void {
    this.answer?.take(chunk);
  }

  onEnd(): void {
    if (this.redirect) this.follow();
    else this.answer!.end();
  }

  onError(error: Error, { wasSent, wasUnheard }: HopError): void {
    if (this.redirect) return; // the body of a redirect is not needed
    if (this.answer) {
      this.answer.break(error);
    } else if (!wasSent && this.followed === 0 && isRefusal(error)) {
      this.settled();
      this.ends.resolve(this.ends.byAxios());
    } else {
      this.fail(unanswered(error, this), wasUnheard ? 'stale' : undefined);
    }
  }

  /** Follows a redirect. */
  private follow(): void {
    const { redirect } = this;
    if (!redirect || this.isSettled) return;
    this.redirect = undefined;
    this.hop.leave();
    const { config, request, followed, ends } = this;
    try {
      this.request = redirected(
        request,
        redirect,
        config,
        followed,
        ends.mayFollow,
      );
    } catch (error) {
      const { isCallers } = error as RedirectError;
      this.fail(
        unanswered(error as Error, this),
        isCallers ? 'broken-off' : undefined,
      );
      return;
    }
    this.followed++;
    this.hop = this.nextHop();
    this.carrier.send(this.hop);
  }

  private nextHop(): Hop {
    return new Hop(this.request, this, this, this.carrier.headersWithinMs);
  }

  /** Settles the call with its response, according to `validateStatus`. */
  private deliver(answer: AxiosResponse): void {
    try {
      const error = statusError(answer);
      if (error) this.ends.reject(error);
      else this.ends.resolve(answer);
    } catch (error) {
      this.ends.reject(error as Error); // `validateStatus` is user code
    }
  }

  private fail(error: Error, fault?: TransportFault): void {
    if (this.isSettled) return;
    this.settled();
    this.ends.reject(error, fault);
    this.carrier.withdraw(this.hop);
    this.hop.leave();
    this.answer?.destroy(error);
  }

  private readonly cancel = (reason?: unknown): void => {
    const error = cancelled(reason, this);
    if (this.answer?.isStream) this.answer.destroy(error);
    else this.fail(error);
  };

  /** Marks the call as settled and removes its cancel listeners. */
  private settled(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { signal, cancelToken } = this.config;
    signal?.removeEventListener?.('abort', this.cancel);
    cancelToken?.unsubscribe(this.cancel);
    this.emitDestroy();
  }
}
