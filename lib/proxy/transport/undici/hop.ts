import type { AsyncResource } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { StageTimeout } from '../stage-timeout.js';
import { Connection, Departure } from './connection.js';
import { asNodeSays } from './undici-errors.js';
import { UndiciRequest } from './undici-request.js';

type Controller = Dispatcher.DispatchController;

/** How far a hop came that failed. */
export interface HopError {
  /** Whether undici had begun to send it. */
  readonly wasSent: boolean;
  /** Whether the connection had served before, and broke before anything came back. */
  readonly wasUnheard: boolean;
}

/** What follows a hop, told in the async context of the call. */
export interface HopListener {
  onAnswer(
    status: number,
    statusText: string,
    headers: IncomingHttpHeaders,
  ): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: Error, details: HopError): void;
}

/** One request over one connection, and its answer: a call has one, and one more for each redirect. */
export class Hop implements Departure, Dispatcher.DispatchHandler {
  readonly origin: string;
  isOver = false;
  private controller: Controller | undefined;
  private connection: Connection | undefined;
  private socket: Socket | undefined;
  /** What had come over its connection before it was sent. */
  private bytesBefore = 0;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param context in which the request is sent and the listener is told: connections live in the context of whoever opened them
   * @param headersWithinMs the longest time until its headers are there
   */
  constructor(
    private readonly request: UndiciRequest,
    private readonly listener: HopListener,
    private readonly context: AsyncResource,
    private readonly headersWithinMs: number | undefined,
  ) {
    this.origin = request.origin;
  }

  over(connection: Connection): void {
    this.connection = connection;
    this.by(connection.client);
  }

  /** Sends it by any dispatcher of undici's. */
  by(dispatcher: Dispatcher): void {
    this.context.runInAsyncScope(() => {
      dispatcher.dispatch(this.request.dispatchOptions, this);
    });
  }

  fail(error: Error): void {
    this.onResponseError(undefined, error);
  }

  /** Holds the answer back; what is underway may still come. */
  pause(): void {
    this.controller?.pause();
  }

  resume(): void {
    this.controller?.resume();
  }

  /** Leaves it as it is: nothing is told from now on, and the connection is closed unless the answer is complete. */
  leave(): void {
    if (this.isOver) return;
    this.end();
    this.controller?.abort(new Error('the call is over'));
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller;
    if (this.isOver) {
      controller.abort(new Error('the call is over'));
      return;
    }
    this.socket = this.connection?.socket;
    this.bytesBefore = this.socket?.bytesRead ?? 0;
    const { headersWithinMs } = this;
    if (headersWithinMs !== undefined) {
      this.timer = setTimeout(
        giveUp,
        headersWithinMs,
        controller,
        headersWithinMs,
      );
    }
  }

  onResponseStart(
    _controller: Controller,
    status: number,
    headers: IncomingHttpHeaders,
    statusText = '',
  ): void {
    // Informational answers come before the one that counts, be they early hints or redirects.
    if (this.isOver || status < 200) return;
    clearTimeout(this.timer);
    this.tell(() => this.listener.onAnswer(status, statusText, headers));
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.isOver) return;
    this.tell(() => this.listener.onData(chunk));
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    this.end();
    this.tell(() => this.listener.onEnd());
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.isOver) return;
    this.end();
    const told = asNodeSays(error);
    const wasSent = this.controller !== undefined;
    const wasUnheard = isClosed(told) && this.isUnheard;
    this.tell(() => this.listener.onError(told, { wasSent, wasUnheard }));
  }

  /** Whether it went down a connection that had served before, and nothing came back. */
  private get isUnheard(): boolean {
    return this.bytesBefore > 0 && this.socket?.bytesRead === this.bytesBefore;
  }

  private end(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private tell(told: () => void): void {
    this.context.runInAsyncScope(told);
  }
}

/** Whether the other side closed the connection. */
function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function giveUp(controller: Controller, limitMs: number): void {
  controller.abort(new StageTimeout('headers', limitMs));
}
