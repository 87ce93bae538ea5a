import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { bucketLimit } from '../../core/bucket/bucket-limit.js';
import { BucketSpec } from '../../stores/bucket-store.js';
import { addressOf, KeyOf, keyReader } from './replayed-key.js';

/** A bucket, or one for each client, and how a request meets it. */
export interface ReplayedPart extends BucketSpec {
  readonly cost: number;
  readonly client?: ReplayedClient;
}

/** Who a client is. */
export interface ReplayedClient {
  readonly keyOf: KeyOf;
  /** Stands in where the traffic does not tell the key; without it the bucket is left out. */
  readonly standIn?: KeyOf;
  readonly gap: string;
  readonly onMissingKey: 'reject' | 'skip';
}

/** What one limit asks of a request. */
export interface Asked {
  readonly parts: readonly ReplayedPart[];
  /** What is not as at run time. */
  readonly gaps: readonly string[];
}

/**
 * The buckets of a limit with rates of its own.
 *
 * @param at where the limit stands, for people
 */
export function replayedParts(
  limit: RouterLimit,
  id: string,
  at: string,
): Asked {
  const { maxRate, capacity = 1, clientMaxRate, clientCapacity = 1 } = limit;
  const { everyMs } = limit;
  const cost = typeof limit.cost === 'number' ? limit.cost : 1;
  const parts: ReplayedPart[] = [];
  const gaps = chargeGaps(limit, at);
  if (maxRate !== undefined) {
    const rates = bucketLimit({ maxRate, everyMs, capacity });
    parts.push({ id: `${id} all`, limit: rates, keyed: false, cost });
  }
  if (clientMaxRate !== undefined) {
    const client = clientOf(limit, at);
    const rate = { maxRate: clientMaxRate, everyMs, capacity: clientCapacity };
    const each = { id: `${id} each`, limit: bucketLimit(rate), keyed: true };
    if (client) parts.push({ ...each, cost, client });
    else gaps.push(`${at}: a function tells clients apart; not simulated`);
  }
  return { parts, gaps };
}

function clientOf(limit: RouterLimit, at: string): ReplayedClient | undefined {
  const { strategy, key, ipv6Prefix, onMissingKey = 'reject' } = limit;
  const keyOf = keyReader(limit);
  if (!keyOf) return undefined;
  if (strategy === undefined || strategy === 'ip') {
    const gap = `${at}: the traffic has no address; clients are not limited`;
    return { keyOf, gap, onMissingKey };
  }
  const name = typeof strategy === 'function' ? strategy.name : key;
  const gap = `${at}: the traffic does not tell ${name}; the address stands for the client`;
  const standIn: KeyOf = (request) => addressOf(request, ipv6Prefix);
  return { keyOf, standIn, gap, onMissingKey };
}

function chargeGaps({ cost, settle }: RouterLimit, at: string): string[] {
  return [
    ...(typeof cost === 'function'
      ? [`${at}: cost is a function; 1 is charged`]
      : []),
    ...(settle ? [`${at}: what requests settle afterwards is unknown`] : []),
  ];
}
