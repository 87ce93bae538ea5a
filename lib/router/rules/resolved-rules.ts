import { check, Fault, ThrottleConfigError } from '../../config/fault.js';
import { Findings } from '../../config/findings.js';
import {
  resolvedLimit,
  ResolvedFields,
} from '../../config/schema/choice-fields.js';
import { looksLikeLimit } from '../../config/schema/limit-text.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { ProxyTrust } from '../client-key/proxy-trust.js';
import { contentIdentity } from '../../config/content-identity.js';
import { RoutePart } from '../route-part.js';
import { inheritedLimit } from './inherited-limit.js';
import { LimitName, NameHalf } from './limit-names.js';
import { limitParts } from './limit-parts.js';
import { NO_PARTS, RouteRule } from './route-rule.js';

/** The most different limits that one resolver may answer: their buckets are kept for good. */
export const MOST_LIMITS = 1000;

/** What a resolver's answers are read with. */
export interface ResolvedSources {
  readonly trust: ProxyTrust;
  readonly findings: Findings;
  /** The rule of a policy by its name. */
  readonly policyRule: (policy: string, at: LimitName) => RouteRule;
}

/** The rules that the answers of one resolver stand for; equal limits share their buckets. */
export class ResolvedRules {
  private readonly known = new Map<string, RouteRule>();

  constructor(
    private readonly outer: RouterLimit,
    private readonly name: LimitName,
    private readonly sources: ResolvedSources,
  ) {}

  /** @throws ThrottleConfigError when the answer is no limit */
  of(answer: unknown): RouteRule {
    if (answer === undefined) return NO_PARTS;
    const identity = contentIdentity(answer);
    return (
      (identity && this.known.get(identity)) || this.read(answer, identity)
    );
  }

  private read(answer: unknown, written: string | undefined): RouteRule {
    if (typeof answer === 'string' && !looksLikeLimit(answer)) {
      const rule = this.sources.policyRule(answer, this.name);
      return this.remember(written, rule);
    }
    const limit = this.checked(answer);
    // An instance of a class shows its content only as it is read.
    const identity = written ?? contentIdentity(limit);
    const known = identity && this.known.get(identity);
    return known || this.remember(identity, this.partsOf(limit));
  }

  private checked(answer: unknown): ResolvedFields {
    const faults: Fault[] = [];
    const path = `what resolve of ${this.name.label} answered`;
    const limit = check(resolvedLimit, answer, path, faults);
    if (!limit) throw new ThrottleConfigError(faults);
    return limit;
  }

  private partsOf(inner: ResolvedFields): RoutePart[] {
    const limit = inheritedLimit(this.outer, inner);
    const policy = 'name' in inner ? inner.name : undefined;
    return limitParts(
      limit,
      this.halves(limit, policy, inner),
      this.sources.trust,
    );
  }

  /** Buckets go by the figures, so that one limit is the same whenever and wherever it is answered. */
  private halves(
    limit: RouterLimit,
    policy = this.name.label,
    inner: ResolvedFields,
  ): NameHalf {
    const { base, group } = this.name;
    return (scope) => {
      const figures =
        scope === 'endpoint'
          ? `${limit.maxRate}/${limit.everyMs}ms/${limit.capacity ?? 1}`
          : `${limit.clientMaxRate}/${limit.everyMs}ms/${limit.clientCapacity ?? 1}${whoIn(inner)}`;
      return { id: `${base}:${policy}:${figures}:${scope}`, group, policy };
    };
  }

  private remember(identity: string | undefined, rule: RouteRule): RouteRule {
    if (identity === undefined) return rule;
    if (this.known.size >= MOST_LIMITS) {
      this.sources.findings.add(tooManyLimits(this.name));
      throw new RangeError(
        `resolve of ${this.name.label} answered more than ${MOST_LIMITS} different limits`,
      );
    }
    this.known.set(identity, rule);
    return rule;
  }
}

/** Keys of one kind must not meet those of another in the same buckets. */
function whoIn(inner: ResolvedFields): string {
  const {
    strategy,
    key = '',
    ipv6Prefix = '',
  } = {
    strategy: undefined,
    ...inner,
  } as { strategy?: string; key?: string; ipv6Prefix?: number };
  return strategy === undefined && ipv6Prefix === ''
    ? ''
    : `:${strategy ?? ''}${key}${ipv6Prefix}`;
}

function tooManyLimits({ label, base }: LimitName) {
  return {
    code: 'too-many-limits',
    path: base,
    sentence: `resolve of ${label} answered more than ${MOST_LIMITS} different limits; requests with another one fail.`,
    fix: 'Answer limits out of a small set, such as the names of policies, and never figures that a caller can choose.',
  } as const;
}
