import type { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { ImportedUse } from '../import/imported-backends.js';
import { KrakendFinding } from '../krakend-finding.js';
import { Place } from '../place.js';

/** Remarks, once for each name, on breakers that bear one name as if they were one breaker. */
export function remarkOnBreakerNames(
  options: ThrottleOptions,
  uses: readonly ImportedUse[],
  findings: KrakendFinding[],
): void {
  const bearers = new Map<string, string[]>();
  for (const { backend, key } of uses) {
    const name = options.backends?.[backend]?.circuitBreaker?.name;
    if (name) bearers.set(name, [...(bearers.get(name) ?? []), key]);
  }
  for (const [name, keys] of bearers) {
    if (keys.length < 2) continue;
    const place = new Place('endpoints', 'service', findings);
    place.remark('breaker-name-shared', {
      written: `name: ${JSON.stringify(name)} on ${keys.length} breakers, the first of ${keys[0]}`,
      enforced:
        'A name shares nothing: they are breakers of their own, told apart by no log line.',
      fix: 'Give each breaker a name of its own.',
    });
  }
}
