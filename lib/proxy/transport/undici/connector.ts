import type { Socket } from 'node:net';
import { AxiosError } from 'axios';
import { buildConnector } from 'undici';

/**
 * Connects within `timeoutMs`, so that a host that lets nobody connect is
 * noticed though its callers have long given up. Undici's own connect timeout
 * comes up to a second late.
 */
export function connectorWithin(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: 0 });
  return (options, callback) => {
    const socket = connect(options, (...result) => {
      clearTimeout(timer);
      callback(...result);
    }) as Socket | undefined;
    const timer = setTimeout(() => socket?.destroy(late(timeoutMs)), timeoutMs);
  };
}

function late(timeoutMs: number): AxiosError {
  return new AxiosError(
    `no connection within ${timeoutMs} ms`,
    AxiosError.ETIMEDOUT,
  );
}
