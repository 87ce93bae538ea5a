import { Logger } from '@nestjs/common';
import { BreakerConfig } from '../config/schema/backend.schema.js';
import { CircuitBreaker } from '../core/circuit-breaker.js';
import {
  breakerChannel,
  BreakerTransition,
} from '../telemetry/breaker-channel.js';

const logger = new Logger('Floodgate');

/** The breaker of one backend; its changes of state are published, and logged where the configuration asks for it. */
export function backendBreaker(
  backend: string,
  config: BreakerConfig,
  nowMs: number,
): CircuitBreaker {
  const { maxErrors, interval, timeout, halfOpen, logStatusChange } = config;
  const name = config.name ?? backend;
  return new CircuitBreaker(
    {
      maxErrors,
      intervalMs: interval,
      openMs: timeout,
      halfOpenPermits: halfOpen.permits,
      halfOpenMaxMs: halfOpen.maxDuration,
    },
    nowMs,
    (from, to) => {
      if (logStatusChange) {
        logger.warn(`circuit breaker "${name}" went from ${from} to ${to}`);
      }
      if (breakerChannel.hasSubscribers) {
        breakerChannel.publish({
          backend,
          from,
          to,
        } satisfies BreakerTransition);
      }
    },
  );
}
