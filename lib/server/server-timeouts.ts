import { OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { ThrottleConfig } from '../config/schema/throttle-options.schema.js';

/**
 * Puts the configured timeouts on Nest's HTTP server, in the meaning of Node's
 * own: `requestTimeout`, `headersTimeout`, `timeout` and `keepAliveTimeout`.
 */
export class ServerTimeouts implements OnApplicationBootstrap {
  constructor(
    private readonly timeouts: NonNullable<ThrottleConfig['server']>,
    private readonly host: HttpAdapterHost,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    if (!server) return;
    const { readTimeout, readHeaderTimeout, writeTimeout, idleTimeout } =
      this.timeouts;
    if (readTimeout !== undefined) server.requestTimeout = readTimeout;
    if (readHeaderTimeout !== undefined)
      server.headersTimeout = readHeaderTimeout;
    if (writeTimeout !== undefined) server.timeout = writeTimeout;
    if (idleTimeout !== undefined) server.keepAliveTimeout = idleTimeout;
  }
}
