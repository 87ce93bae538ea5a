import {
  circuitBreaker,
  ConsecutiveBreaker,
  handleAll,
  timeout,
  TimeoutStrategy,
} from 'cockatiel';
import { client } from './axios.mjs';
import { mostErrors, OPEN_MS, TIMEOUT_MS } from './breaker-settings.mjs';

export function caller({ port, opens }) {
  const http = client(port);
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: OPEN_MS,
    breaker: new ConsecutiveBreaker(mostErrors(opens)),
  });
  const deadline = timeout(TIMEOUT_MS, TimeoutStrategy.Cooperative);
  // `wrap` would give all calls one signal, with a listener for each that is in flight.
  return (path) =>
    breaker.execute(() =>
      deadline.execute(({ signal }) => http.get(path, { signal })),
    );
}
