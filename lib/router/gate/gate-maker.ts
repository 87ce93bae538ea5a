import { ThrottleConfig } from '../../config/schema/throttle-options.schema.js';
import { BucketStore } from '../../stores/bucket-store.js';
import { AuditCounts } from '../audit/audit-counts.js';
import { BoundedLog } from '../audit/bounded-log.js';
import { FieldWriting, UNTOLD } from '../fields/quota-fields.js';
import { RouteLimit } from '../route-limit.js';
import { RoutePart } from '../route-part.js';
import { HandlerNames } from '../rules/limit-names.js';
import { LimitRule, limitRule, RuleSources } from '../rules/limit-rule.js';
import { isFixed, RouteRule } from '../rules/route-rule.js';
import { AuditGate } from './audit-gate.js';
import { AuditedGate } from './audited-gate.js';
import { ChoosingGate } from './choosing-gate.js';
import { EnforcedGate } from './enforced-gate.js';
import { Gate } from './gate.js';
import { eachOnce } from './junction.js';
import { openGate } from './open-gate.js';
import { PlanGate } from './plan-gate.js';
import { RoutePlan } from './route-plan.js';

/** A limit that is ready to stand in gates. */
export interface PreparedLimit {
  readonly written: RouteLimit;
  /** What a limit in force asks. */
  readonly rule?: RouteRule;
  /** A limit on trial has a gate of its own. */
  readonly trial?: AuditGate;
}

/** What gates are made with. */
export interface GateSources extends RuleSources {
  readonly config: ThrottleConfig;
  readonly store: BucketStore;
  readonly counts: AuditCounts;
  readonly log: BoundedLog;
  /** How often limits were changed before. */
  readonly edition: number;
}

/** What may be changed at run time. */
export type GateChanges = Pick<GateSources, 'config' | 'policies'>;

/** Makes gates out of limits; whatever a route does not use is left out of its gate. */
export class GateMaker {
  constructor(private readonly sources: GateSources) {}

  get edition(): number {
    return this.sources.edition;
  }

  /** One that makes gates of the next edition: buckets of the same names stay as full as they are. */
  next({ config, policies }: GateChanges): GateMaker {
    const edition = this.sources.edition + 1;
    return new GateMaker({ ...this.sources, config, policies, edition });
  }

  /** Prepares the limits of one route. */
  prepare(route: string, limits: readonly RouteLimit[]): PreparedLimit[] {
    const names = new HandlerNames(route, limits);
    return limits.map((written) => {
      const { rule, policies } = limitRule(written, names, this.sources);
      return this.isOnTrial(written)
        ? { written, trial: this.trial(route, { rule, policies }) }
        : { written, rule };
    });
  }

  /** Whether the refusals of a limit are only counted. */
  isOnTrial({ limit }: RouteLimit): boolean {
    return (limit.mode ?? this.sources.config.mode) === 'audit';
  }

  /**
   * The gate of some of a route's limits.
   *
   * @param isFirst whether no other gate has told the caller about quotas before
   */
  gate(
    route: string,
    limits: readonly PreparedLimit[],
    isFirst: boolean,
  ): Gate {
    const { headers } = this.sources.config;
    const rules = limits.flatMap(({ rule }) => (rule ? [rule] : []));
    const trials = limits.flatMap(({ trial }) => trial ?? []);
    const enforced =
      rules.length === 0
        ? openGate
        : new EnforcedGate(route, this.behind(rules, { headers, isFirst }));
    return trials.length === 0 ? enforced : new AuditedGate(enforced, trials);
  }

  private trial(route: string, { rule, policies }: LimitRule): AuditGate {
    const tally = this.sources.counts.open(route, policies);
    return new AuditGate(this.behind([rule], UNTOLD), tally, this.sources.log);
  }

  private behind(rules: readonly RouteRule[], writing: FieldWriting): Gate {
    const planOf = (parts: readonly RoutePart[]) =>
      new RoutePlan(parts, this.sources, writing);
    const gateOf = (parts: readonly RoutePart[]) =>
      parts.length === 0 ? openGate : new PlanGate(parts, planOf);
    return rules.every(isFixed)
      ? gateOf(eachOnce(rules))
      : new ChoosingGate(rules, gateOf);
  }
}
