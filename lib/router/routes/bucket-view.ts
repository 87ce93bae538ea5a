import { RoutePart } from './route-part.js';

/** A bucket as one request would find it. */
export interface BucketView {
  /** Identity of the bucket, or of the buckets that it is one of. */
  readonly id: string;
  /** The limit it belongs to, as callers see it. */
  readonly policy: string;
  /** Whose bucket it is: that of all callers, or that of one client. */
  readonly scope: 'endpoint' | 'client';
  /** The client, as its limit knows it; absent where all callers share the bucket, or where the request does not say who is calling. */
  readonly key?: string;
  /** Whether a refusal of this bucket is carried out. */
  readonly mode: 'enforce' | 'audit';
  readonly maxRate: number;
  readonly everyMs: number;
  readonly capacity: number;
  /** What the request would cost. */
  readonly cost: number;
  /** Tokens in it now; absent where the request names no client. */
  readonly tokens?: number;
  /** Milliseconds until it would let the request through: 0 now, `Infinity` never. */
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
