import CircuitBreaker from 'opossum';
import { client } from './axios.mjs';
import { mostErrors, OPEN_MS, TIMEOUT_MS } from './breaker-settings.mjs';

export function caller({ port, opens }) {
  const http = client(port);
  const breaker = new CircuitBreaker((path) => http.get(path), {
    timeout: TIMEOUT_MS,
    resetTimeout: OPEN_MS,
    // Opens on the first failure, or never: calls leave its window before their failures do, so its rate goes beyond 100.
    errorThresholdPercentage: mostErrors(opens),
  });
  return (path) => breaker.fire(path);
}
