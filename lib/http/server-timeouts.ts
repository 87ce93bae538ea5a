import { OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';

/** The configured timeouts, in milliseconds; Node's defaults apply to those left out. */
interface Timeouts {
  readonly readTimeout?: number | undefined;
  readonly readHeaderTimeout?: number | undefined;
  readonly writeTimeout?: number | undefined;
  readonly idleTimeout?: number | undefined;
}

/** Node reads `connectionsCheckingInterval` when the server starts to listen, but its types offer it only as an option. */
interface CheckedServer extends Server {
  connectionsCheckingInterval?: number;
}

/**
 * Applies the configured timeouts to Nest's HTTP server. They map to Node's own
 * `requestTimeout`, `headersTimeout`, `timeout` and `keepAliveTimeout`.
 */
export class ServerTimeouts implements OnApplicationBootstrap {
  constructor(
    private readonly timeouts: Timeouts,
    private readonly host: HttpAdapterHost,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter?.getHttpServer() as
      CheckedServer | undefined;
    if (!server) return;
    const { readTimeout, readHeaderTimeout, writeTimeout, idleTimeout } =
      this.timeouts;
    if (readTimeout !== undefined) server.requestTimeout = readTimeout;
    if (readHeaderTimeout !== undefined)
      server.headersTimeout = readHeaderTimeout;
    if (writeTimeout !== undefined) server.timeout = writeTimeout;
    if (idleTimeout !== undefined) server.keepAliveTimeout = idleTimeout;
    checkInTime(server, this.timeouts);
  }
}

const SHORTEST_CHECK_MS = 50;

/** Node checks for late requests every 30 s, so a timeout of 5 s could take 35. Checks more often for short timeouts. */
function checkInTime(server: CheckedServer, timeouts: Timeouts): void {
  const { readTimeout, readHeaderTimeout } = timeouts;
  const shortestMs = Math.min(
    readTimeout || Infinity,
    readHeaderTimeout || Infinity,
  );
  const checkMs = Math.max(SHORTEST_CHECK_MS, Math.round(shortestMs / 4));
  if (checkMs < (server.connectionsCheckingInterval ?? Infinity)) {
    server.connectionsCheckingInterval = checkMs;
  }
}
