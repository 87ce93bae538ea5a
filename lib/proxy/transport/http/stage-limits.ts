import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { isCancel } from 'axios';
import { StageTimeout } from '../stage-timeout.js';

/** Published by Node once all of a request was handed to its connection. */
const REQUEST_START = 'http.client.request.start';

interface RequestStart {
  readonly request: ClientRequest;
}

/**
 * Ends requests over connections of one backend whose response headers are not
 * there within `limitMs` of their last byte. The channel tells of every request
 * of the process; those over other connections are left alone.
 */
export class HeaderLimit {
  private readonly connections = new WeakSet<Socket>();

  constructor(private readonly limitMs: number) {
    subscribe(REQUEST_START, this.onStart);
  }

  /** Covers a connection. */
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

/** By which event a connection is made, TLS included where it has that. */
export type MadeEvent = 'connect' | 'secureConnect';

/**
 * Watches a connection that is being made.
 *
 * @param limitMs after which it is given up; nothing where it may take as long as it takes
 * @param failed told where it could not be made, and no caller cancelled that
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
