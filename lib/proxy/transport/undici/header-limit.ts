import { finished, Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { StageTimeout } from '../stage-timeout.js';

type Handler = Required<Dispatcher.DispatchHandler>;
type Controller = Dispatcher.DispatchController;

/**
 * Ends requests whose response headers are not there within `limitMs` of their
 * last byte. Undici's own limit comes up to a second late.
 */
export function headersWithin(
  limitMs: number,
): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(
      options,
      new LimitedHeaders(handler as Handler, limitMs, options.body),
    );
}

class LimitedHeaders implements Dispatcher.DispatchHandler {
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(
    private readonly handler: Handler,
    private readonly limitMs: number,
    private readonly body: unknown,
  ) {}

  onRequestStart(controller: Controller, context: unknown): void {
    this.handler.onRequestStart(controller, context);
    const start = () => {
      if (this.isOver) return;
      this.timer = setTimeout(giveUp, this.limitMs, controller, this.limitMs);
    };
    // What is no stream is written in one go.
    if (this.body instanceof Readable) finished(this.body, start);
    else start();
  }

  onResponseStart(...answer: Parameters<Handler['onResponseStart']>): void {
    const [, status] = answer;
    if (status >= 200) this.settled();
    this.handler.onResponseStart(...answer);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.handler.onResponseData(controller, chunk);
  }

  onResponseEnd(...end: Parameters<Handler['onResponseEnd']>): void {
    this.handler.onResponseEnd(...end);
  }

  onResponseError(controller: Controller, error: Error): void {
    this.settled();
    this.handler.onResponseError(controller, error);
  }

  private settled(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }
}

function giveUp(controller: Controller, limitMs: number): void {
  controller.abort(new StageTimeout('headers', limitMs));
}
