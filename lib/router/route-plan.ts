import { ExecutionContext } from '@nestjs/common';
import { ThrottleConfig } from '../config/schema/throttle-options.schema.js';
import { ProblemException } from '../problem/problem-exception.js';
import { writeRetryAfter } from '../problem/problem-headers.js';
import { withoutStack } from '../problem/without-stack.js';
import {
  BucketStore,
  PlannedBuckets,
  Verdict,
} from '../stores/bucket-store.js';
import { QuotaField } from './fields/quota-field.js';
import { quotaFields } from './fields/quota-fields.js';
import {
  ClientRateLimitedException,
  EndpointRateLimitedException,
} from './refusals.js';
import { RequestCosts } from './request-costs.js';
import {
  addToList,
  HttpResponse,
  setHeader,
} from '../problem/response-header.js';
import { RoutePart } from './route-part.js';

/** What one request must pass, decided together, and what its caller is told. */
export class RoutePlan {
  private readonly planned: PlannedBuckets;
  private readonly costs: RequestCosts;
  private readonly fields: readonly QuotaField[];

  constructor(
    readonly parts: readonly RoutePart[],
    store: BucketStore,
    headers: ThrottleConfig['headers'],
  ) {
    this.planned = store.plan(
      parts.map(({ id, limit, client }) => ({
        id,
        limit,
        keyed: client !== undefined,
      })),
    );
    this.costs = new RequestCosts(parts);
    this.fields = quotaFields(parts, headers);
  }

  /**
   * Charges every bucket or none, and tells the caller about the quota.
   *
   * @throws ClientRateLimitedException or EndpointRateLimitedException when refused
   */
  pass(
    keys: ArrayLike<string>,
    context: ExecutionContext,
  ): void | Promise<void> {
    const verdict = this.planned.decide(keys, this.costs.of(context));
    return verdict instanceof Promise
      ? verdict.then((decided) => this.conclude(decided, context))
      : this.conclude(verdict, context);
  }

  private conclude(verdict: Verdict, context: ExecutionContext): void {
    const isHttp = context.getType() === 'http';
    if (isHttp) this.writeFields(context.getArgByIndex(1), verdict);
    if (verdict.admitted) return;
    const refusal = withoutStack(() => this.refusal(verdict));
    // Already here, so that it survives a filter that only writes a body of its own.
    if (isHttp) writeRetryAfter(context.getArgByIndex(1), refusal);
    throw refusal;
  }

  private writeFields(response: HttpResponse, verdict: Verdict): void {
    for (const field of this.fields) {
      const value = field.value(verdict);
      if (value === undefined) continue;
      if (field.isList) addToList(response, field.name, value);
      else setHeader(response, field.name, value);
    }
  }

  /** When several refuse, the client's refusal is the one reported. */
  private refusal(verdict: Verdict): ProblemException {
    const refused = this.parts.filter((_, i) => verdict.waitsMs[i] > 0);
    const byClient = refused.filter(({ client }) => client);
    const retryAfterMs =
      verdict.retryAfterMs < Infinity ? verdict.retryAfterMs : undefined;
    return byClient.length > 0
      ? new ClientRateLimitedException(policiesOf(byClient), retryAfterMs)
      : new EndpointRateLimitedException(policiesOf(refused), retryAfterMs);
  }
}

/** The names that callers know, each once. */
export function policiesOf(parts: readonly RoutePart[]): string[] {
  return [...new Set(parts.map(({ policy }) => policy))];
}
