import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ThrottleModule } from '../../floodgate/index.mjs';
import { mostErrors, OPEN_MS, TIMEOUT_MS } from './breaker-settings.mjs';
import { MOST_IDLE_CONNECTIONS } from './keep-alive-agent.mjs';

const GENEROUS = 1_000_000_000;

/** Limit, breaker, deadline and connection limits, all on. */
function catalog({ port, opens }) {
  return {
    hosts: [`http://127.0.0.1:${port}`],
    rateLimit: { maxRate: GENEROUS, capacity: GENEROUS },
    circuitBreaker: {
      maxErrors: mostErrors(opens),
      interval: '0s',
      timeout: `${OPEN_MS}ms`,
    },
    timeout: `${TIMEOUT_MS}ms`,
    maxIdleConnectionsPerHost: MOST_IDLE_CONNECTIONS,
  };
}

/** A Nest application with one backend, `catalog`, and what it needs to call it. */
export function createApplication(settings, providers = [], options = {}) {
  class BenchModule {}
  Module({
    imports: [
      ThrottleModule.forRoot({
        backends: { catalog: { ...catalog(settings), ...options } },
      }),
    ],
    providers,
  })(BenchModule);
  return NestFactory.createApplicationContext(BenchModule, {
    logger: false,
    abortOnError: false,
  });
}

export const ENTRY_LIMIT = { maxRate: GENEROUS, capacity: GENEROUS };
