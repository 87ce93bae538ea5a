import { AxiosError, AxiosHeaders } from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { onTestFinished, vi } from 'vitest';
import { RetryBudget } from '../../core/retry/retries.js';
import { NO_DEADLINE } from '../../core/time/deadline.js';
import { rejectionError } from '../admission/rejection.js';
import type { CallRejection } from '../admission/rejection.js';
import { CallSignal } from '../attempt/call-signal.js';
import type { CallFault } from '../attempt/outcome.js';
import { exceptionFor } from '../attempt/outcome.js';
import type { AttemptTrace, CallContext, Next } from './call-context.js';

export const clock = () => performance.now();

/** Switches the test to virtual time. */
export function virtualTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Advances time by `ms` and lets promises settle. */
export async function pass(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** The context of a call. */
export function contextOf(own: Partial<CallContext> = {}): CallContext {
  return {
    request: { url: '/x' },
    life: undefined,
    madeAtMs: clock(),
    timeout: undefined,
    deadline: NO_DEADLINE,
    latest: NO_DEADLINE,
    allowOtherOrigins: false,
    ...own,
  };
}

export function answerOf(status: number, headers = {}): AxiosResponse {
  const config = { headers: new AxiosHeaders() };
  return { status, headers, config, statusText: '', data: status };
}

/** The behaviour of one attempt, with an optional delay. */
export type Turn = (
  trace: AttemptTrace,
  context: CallContext,
) => AxiosResponse | Promise<AxiosResponse>;

export const answers =
  (status = 200): Turn =>
  () =>
    answerOf(status);

/** An attempt that was sent and failed with the given fault. */
export const fails =
  (fault: CallFault, status?: number, headers?: object): Turn =>
  (trace) => {
    trace.fault = fault;
    trace.answer = status ? answerOf(status, headers) : undefined;
    const error = new AxiosError(`${fault} ${status ?? ''}`, fault);
    throw exceptionFor('catalog', fault, error);
  };

/** An attempt that is rejected by admission. */
export const rejects =
  (reason: Exclude<CallRejection['reason'], 'rate-limit'>): Turn =>
  (trace) => {
    const rejection: CallRejection = { reason, retryAfterMs: 1000 };
    Object.assign(trace, { sent: undefined, rejection });
    throw rejectionError('catalog', rejection);
  };

export const takes =
  (ms: number, turn: Turn): Turn =>
  async (trace, context) => {
    await new Promise<void>((done, gone) => {
      const timer = setTimeout(done, ms);
      context.abandoned?.onAbort(() => {
        clearTimeout(timer);
        gone(new AxiosError('abandoned', 'ERR_CANCELED'));
      });
    });
    return turn(trace, context);
  };

/** A fake `next`: each attempt behaves as scripted; the last behaviour repeats. */
export function nextOf(...turns: Turn[]) {
  const contexts: CallContext[] = [];
  const atMs: number[] = [];
  const next: Next = async (context) => {
    const turn = turns[Math.min(contexts.length, turns.length - 1)];
    contexts.push(context);
    atMs.push(clock());
    const trace = context.trace ?? {};
    const { method = 'get', data } = context.request;
    const headers = new AxiosHeaders();
    const sent: InternalAxiosRequestConfig = { method, data, headers };
    Object.assign(trace, {
      sent,
      sentAtMs: clock(),
      turn: contexts.length,
      rejection: undefined,
      fault: undefined,
      answer: undefined,
    } satisfies AttemptTrace);
    return turn(trace, context);
  };
  return { next, contexts, atMs };
}

/** The parts that strategies share, with a budget for the given number of retries. */
export function partsWith(burst = 100) {
  const budget = new RetryBudget({ ratio: 0, minPerSecond: 0, burst }, clock());
  const closing = new CallSignal();
  return { budget, clock, closing, random: () => 1 };
}

/** How a call ended, once it has settled. */
export function endOf(call: Promise<AxiosResponse>) {
  const end: { status?: number; error?: unknown } = {};
  void call.then(
    ({ status }) => Object.assign(end, { status }),
    (error: unknown) => Object.assign(end, { error }),
  );
  return end;
}
