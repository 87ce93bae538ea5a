import {
  circuitBreaker,
  ConsecutiveBreaker,
  handleAll,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';
import { client } from './axios.mjs';
import { mostErrors, OPEN_MS, TIMEOUT_MS } from './breaker-settings.mjs';

export function caller({ port, opens }) {
  const http = client(port);
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: OPEN_MS,
    breaker: new ConsecutiveBreaker(mostErrors(opens)),
  });
  const policy = wrap(
    breaker,
    timeout(TIMEOUT_MS, TimeoutStrategy.Cooperative),
  );
  return (path) => policy.execute(({ signal }) => http.get(path, { signal }));
}
