import { OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';

/** As the configuration has them, in milliseconds; what is left out stays as Node has it. */
interface Timeouts {
  readonly readTimeout?: number | undefined;
  readonly readHeaderTimeout?: number | undefined;
  readonly writeTimeout?: number | undefined;
  readonly idleTimeout?: number | undefined;
}

/** Node reads it when the server begins to listen; its types only know it as an option. */
interface CheckedServer extends Server {
  connectionsCheckingInterval?: number;
}

/**
 * Puts the configured timeouts on Nest's HTTP server, in the meaning of Node's
 * own: `requestTimeout`, `headersTimeout`, `timeout` and `keepAliveTimeout`.
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

/** Node looks for late requests every 30 s; a timeout of 5 s would be kept to within 35. */
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
