import CircuitBreaker from 'opossum';
import { client } from './axios.mjs';
import { OPEN_MS, TIMEOUT_MS } from './breaker-settings.mjs';

export function caller({ port, opens }) {
  const http = client(port);
  const breaker = new CircuitBreaker((path) => http.get(path), {
    timeout: TIMEOUT_MS,
    resetTimeout: OPEN_MS,
    // Opens on the first failure, or never.
    errorThresholdPercentage: opens ? 1 : 101,
  });
  return (path) => breaker.fire(path);
}
