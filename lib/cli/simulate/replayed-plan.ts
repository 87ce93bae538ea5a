import {
  BucketStore,
  PlannedBuckets,
  Verdict,
} from '../../stores/bucket-store.js';
import { Gaps } from './gaps.js';
import { ReplayedClient, ReplayedPart } from './replayed-parts.js';
import { ReplayedRule } from './replayed-rule.js';
import { RoutedRequest } from './request.js';

/** Which limit refused. */
export type Refusal = 'deny list' | 'all callers' | 'each client';

/** What one request must pass together, on buckets of the core. */
export class ReplayedPlan {
  /** One for each set of buckets that requests were found to meet. */
  private readonly planned = new Map<string, PlannedBuckets>();

  constructor(
    private readonly rules: readonly ReplayedRule[],
    private readonly store: BucketStore,
    private readonly gaps: Gaps,
  ) {}

  /** Decides for a request; tells which limit refuses it, the client's first, as callers are told. */
  refusal(request: RoutedRequest): Refusal | undefined {
    const asked = this.partsFor(request);
    if (!asked) return 'deny list';
    const parts: ReplayedPart[] = [];
    const keys: string[] = [];
    let isRejected = false;
    for (const part of asked) {
      const key = part.client ? this.keyOf(part.client, request) : '';
      if (key === undefined) continue;
      if (part.client && key === '') {
        isRejected ||= part.client.onMissingKey === 'reject';
        continue;
      }
      parts.push(part);
      keys.push(key);
    }
    if (isRejected) return 'each client';
    return parts.length === 0 ? undefined : this.decided(parts, keys);
  }

  /** All buckets that the request meets, each once; nothing when a list denies it. */
  private partsFor(request: RoutedRequest): Iterable<ReplayedPart> | undefined {
    const parts = new Map<string, ReplayedPart>();
    for (const rule of this.rules) {
      const asked = rule(request);
      if (!asked) return undefined;
      asked.gaps.forEach((gap) => this.gaps.note(gap));
      for (const part of asked.parts) parts.set(part.id, part);
    }
    return parts.values();
  }

  private keyOf(
    { keyOf, standIn, gap }: ReplayedClient,
    request: RoutedRequest,
  ): string | undefined {
    const key = keyOf(request);
    if (key !== undefined) return key;
    this.gaps.note(gap);
    return standIn?.(request);
  }

  private decided(
    parts: readonly ReplayedPart[],
    keys: readonly string[],
  ): Refusal | undefined {
    const id = parts.map(({ id }) => id).join('\n');
    const planned = this.planned.get(id) ?? this.store.plan(parts);
    this.planned.set(id, planned);
    const costs = parts.map(({ cost }) => cost);
    const verdict = planned.decide(keys, costs) as Verdict;
    if (verdict.admitted) return undefined;
    const byClient = parts.some(
      ({ keyed }, i) => keyed && verdict.waitsMs[i] > 0,
    );
    return byClient ? 'each client' : 'all callers';
  }
}
