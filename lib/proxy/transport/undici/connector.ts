import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { diedAfterUse } from '../stale-connection.js';
import { StageTimeout } from '../stage-timeout.js';

/**
 * Connects within `limitMs`, so that a host that lets nobody connect is
 * noticed though its callers have long given up. Undici's own connect timeout
 * comes up to a second late.
 */
export function connectorWithin(
  build: typeof buildConnector,
  limitMs: number,
  options: buildConnector.BuildOptions,
): buildConnector.connector {
  const connect = build({ ...options, timeout: 0 });
  return (target, callback) => {
    const socket = connect(target, (...result) => {
      clearTimeout(timer);
      callback(...result);
    }) as Socket | undefined;
    const timer = setTimeout(giveUp, limitMs, socket, limitMs);
    socket?.on('error', (error) => {
      if (socket.bytesRead > 0) diedAfterUse(error);
    });
  };
}

function giveUp(socket: Socket | undefined, limitMs: number): void {
  socket?.destroy(new StageTimeout('connection', limitMs));
}
