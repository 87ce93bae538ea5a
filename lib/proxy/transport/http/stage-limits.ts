import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { isCancel } from 'axios';
import { StageTimeout } from '../stage-timeout.js';

/** Published by Node once a request has been written to its connection. */
const REQUEST_START = 'http.client.request.start';

interface RequestStart {
  readonly request: ClientRequest;
}

/**
 * Aborts requests whose response headers do not arrive within `limitMs` of their
 * last byte. The channel reports every request of the process; only those over
 * covered connections are limited.
 */
export class HeaderLimit {
  private readonly connections = new WeakSet<Socket>();

  constructor(private readonly limitMs: number) {
    subscribe(REQUEST_START, this.onStart);
  }

  /** Limits the requests over a connection. */
  cover(socket: Socket): void {
    this.connections.add(socket);
  }

  close(): void {
    unsubscribe(REQUEST_START, this.onStart);
  }

  private readonly onStart = (message: unknown): void => {
    const { request } = message as RequestStart;
    const { socket } = request;
    if (!socket || !this.connections.has(socket) || request.destroyed) return;
    const timer = setTimeout(giveUp, this.limitMs, request, this.limitMs);
    const settled = () => clearTimeout(timer);
    request.once('response', settled);
    request.once('close', settled);
  };
}

function giveUp(request: ClientRequest, limitMs: number): void {
  request.destroy(new StageTimeout('headers', limitMs));
}

/** The event of an established connection, including TLS for https. */
export type MadeEvent = 'connect' | 'secureConnect';

/**
 * Watches a new connection until it is established.
 *
 * @param limitMs the connect timeout in milliseconds; `undefined` for none
 * @param failed called if the connection fails, unless it was cancelled
 */
export function watchConnecting(
  socket: Socket,
  made: MadeEvent,
  limitMs: number | undefined,
  failed: () => void,
): void {
  const timer = limitMs
    ? setTimeout(giveUpConnecting, limitMs, socket, limitMs)
    : undefined;
  const onClose = () => {
    clearTimeout(timer);
    if (socket.errored && !isCancel(socket.errored)) failed();
  };
  socket.once('close', onClose);
  socket.once(made, () => {
    clearTimeout(timer);
    socket.off('close', onClose);
  });
}

function giveUpConnecting(socket: Socket, limitMs: number): void {
  socket.destroy(new StageTimeout('connection', limitMs));
}
