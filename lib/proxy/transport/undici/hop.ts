import type { AsyncResource } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { StageTimeout } from '../stage-timeout.js';
import { Connection, Departure } from './connection.js';
import { asNodeSays } from './undici-errors.js';
import { UndiciRequest } from './undici-request.js';

type Controller = Dispatcher.DispatchController;

/** How far a failed hop got. */
export interface HopError {
  /** Whether undici had started to send it. */
  readonly wasSent: boolean;
  /** Whether a reused connection broke before any response. */
  readonly wasUnheard: boolean;
}

/** Receives the events of a hop, in the async context of the call. */
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

/** One request over one connection, and its response. A call has one hop, plus one for each redirect. */
export class Hop implements Departure, Dispatcher.DispatchHandler {
  readonly origin: string;
  isOver = false;
  private controller: Controller | undefined;
  private connection: Connection | undefined;
  private socket: Socket | undefined;
  /** Bytes read from its connection before it was sent. */
  private bytesBefore = 0;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param context the async context for sending and for the listener; a connection itself keeps the context of the call that opened it
   * @param headersWithinMs the timeout for the response headers in milliseconds
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

  /** Sends the request with an undici dispatcher. */
  by(dispatcher: Dispatcher): void {
    this.context.runInAsyncScope(() => {
      dispatcher.dispatch(this.request.dispatchOptions, this);
    });
  }

  fail(error: Error): void {
    this.onResponseError(undefined, error);
  }

  /** Pauses the response. Data in flight may still arrive. */
  pause(): void {
    this.controller?.pause();
  }

  resume(): void {
    this.controller?.resume();
  }

  /** Abandons the hop: no more events, and the connection is closed unless the response is complete. */
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
    // Ignore informational responses, such as early hints.
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

  /** Whether it was sent over a reused connection and got no response. */
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
