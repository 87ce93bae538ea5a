import { subscribe } from 'node:diagnostics_channel';
import type { BackendClient } from 'nestjs-floodgate';
import { machineNowMs } from '../clock.js';
import { SENT_MS } from '../upstreams/arrivals.js';
import type { Transition } from './evidence.js';

/** Lets every call that the library lets through say when it was sent. */
export function stampCalls(backends: BackendClient): void {
  for (const name of ['catalog', 'prices']) {
    backends.backend(name).interceptors.request.use((config) => {
      config.headers.set(SENT_MS, String(machineNowMs()));
      return config;
    });
  }
}

/** Collects what the library publishes of its breakers, from now on. */
export function collectTransitions(): Transition[] {
  const transitions: Transition[] = [];
  subscribe('floodgate:breaker', (message) => {
    const change = message as Omit<Transition, 'atMs'>;
    transitions.push({ ...change, atMs: machineNowMs() });
  });
  return transitions;
}
