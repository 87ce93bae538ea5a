import { RoutePart } from './route-part.js';

/** A bucket as one request would find it. */
export interface BucketView {
  /** Identifies the bucket, or the keyed buckets that it is one of. */
  readonly id: string;
  /** The limit it belongs to, as callers see it. */
  readonly policy: string;
  /** Whose bucket it is: one for all callers, or one per client. */
  readonly scope: 'endpoint' | 'client';
  /** The client key; absent if all callers share the bucket, or if the request has no client key. */
  readonly key?: string;
  /** Whether a refusal by this bucket is carried out. */
  readonly mode: 'enforce' | 'audit';
  readonly maxRate: number;
  readonly everyMs: number;
  readonly capacity: number;
  /** The cost of the request, in tokens. */
  readonly cost: number;
  /** Tokens in it now; absent if the request has no client key. */
  readonly tokens?: number;
  /** Milliseconds until it would admit the request: 0 now, `Infinity` never. */
  readonly waitMs: number;
}

/** A bucket as a request finds it. */
export function bucketView(
  part: RoutePart,
  { key, cost, tokens }: { key: string; cost: number; tokens: number },
): BucketView {
  return {
    ...common(part),
    ...(part.client ? { key } : {}),
    cost,
    tokens,
    waitMs: waitMs(part, cost, tokens),
  };
}

/** What a request without a client key finds. */
export function unknownView(part: RoutePart): BucketView {
  const { cost, onMissingKey } = part;
  return {
    ...common(part),
    cost: typeof cost === 'number' ? cost : 0,
    waitMs: onMissingKey === 'reject' ? Infinity : 0,
  };
}

function common({ id, policy, client, limit }: RoutePart) {
  const { maxRate, everyMs, capacity } = limit;
  const scope = client ? ('client' as const) : ('endpoint' as const);
  const mode = 'enforce' as const;
  return { id, policy, scope, mode, maxRate, everyMs, capacity };
}

function waitMs({ limit }: RoutePart, cost: number, tokens: number): number {
  if (cost > limit.capacity) return Infinity;
  return Math.max(0, (cost - tokens) / limit.tokensPerMs);
}
