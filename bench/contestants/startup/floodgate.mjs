import { Module } from '@nestjs/common';
import { RouterRateLimit, ThrottleModule } from '../../floodgate/index.mjs';
import { backendNames, controllers } from './thousand-handlers.mjs';

const backend = {
  hosts: ['http://127.0.0.1:9'],
  rateLimit: { maxRate: 50, capacity: 50 },
  circuitBreaker: { maxErrors: 3, interval: '60s', timeout: '10s' },
  timeout: '800ms',
};

/** A limit of its own on each handler, and a hundred backends with everything on. */
export function module() {
  const limit = () => [
    RouterRateLimit({
      maxRate: 100,
      capacity: 100,
      clientMaxRate: 5,
      clientCapacity: 10,
      strategy: 'ip',
    }),
  ];
  const backends = Object.fromEntries(
    backendNames.map((name) => [name, backend]),
  );
  class BenchModule {}
  Module({
    imports: [ThrottleModule.forRoot({ backends })],
    controllers: controllers(limit),
  })(BenchModule);
  return BenchModule;
}
