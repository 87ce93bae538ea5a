import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { ThrottleConfig } from '../../config/schema/throttle-options.schema.js';
import { BucketStore, PlannedBuckets } from '../../stores/bucket-store.js';
import { AuditCounts } from '../audit/audit-counts.js';
import { BoundedLog } from '../audit/bounded-log.js';
import {
  ChoiceSources,
  limitChoice,
  NamedChoice,
} from '../choice/choice-factory.js';
import { isFixed, LimitChoice } from '../choice/limit-choice.js';
import { HandlerNames } from '../choice/limit-names.js';
import { RouteLimit } from '../declare/declared-route.js';
import { FieldWriting, UNTOLD } from '../headers/quota-fields.js';
import { ChoosingGate, eachOnce } from './choosing-gate.js';
import { AuditedGate, AuditGate, Gate, openGate } from './gates.js';
import { PlanGate } from './plan-gate.js';
import { RoutePart } from './route-part.js';

/** A limit that is ready to be part of gates. */
export interface PreparedLimit {
  readonly written: RouteLimit;
  /** The choice of an enforced limit. */
  readonly choice?: LimitChoice;
  /** The separate gate of a limit in mode `audit`. */
  readonly audit?: AuditGate;
}

/** What the gates of one edition of the limits are built with. */
export interface GateSources extends ChoiceSources {
  readonly config: ThrottleConfig;
  readonly store: BucketStore;
  readonly counts: AuditCounts;
  readonly log: BoundedLog;
  /** How many times the limits have been replaced. */
  readonly edition: number;
}

/** Composes the gates of routes; each gate gets only the layers that its route needs. */
export class GateFactory {
  /** Every plan that the store has prepared for these gates. */
  readonly planned: PlannedBuckets[] = [];

  constructor(readonly sources: GateSources) {}

  /** Prepares the limits of one route. */
  prepare(route: string, limits: readonly RouteLimit[]): PreparedLimit[] {
    const names = new HandlerNames(route, limits, this.namesBefore(route));
    return limits.map((written) => {
      const named = limitChoice(written, names, this.sources);
      return this.isAudited(written)
        ? { written, audit: this.auditGate(route, named) }
        : { written, choice: named.choice };
    });
  }

  /** The limit of the service stands in the header fields of every route. */
  private namesBefore(route: string): string[] {
    const service: RouterLimit | undefined = this.sources.config.service;
    return service && route !== 'service' ? [service.name ?? 'service'] : [];
  }

  /** Whether the rejections of a limit are only counted. */
  isAudited({ limit }: RouteLimit): boolean {
    return (limit.mode ?? this.sources.config.mode) === 'audit';
  }

  /**
   * The gate of some of a route's limits; `undefined` without limits.
   *
   * @param isFirst whether no earlier gate has written quota fields
   */
  gate(
    route: string,
    limits: readonly PreparedLimit[],
    isFirst: boolean,
  ): Gate | undefined {
    if (limits.length === 0) return undefined;
    const { headers } = this.sources.config;
    const choices = limits.flatMap(({ choice }) => (choice ? [choice] : []));
    const audited = limits.flatMap(({ audit }) => audit ?? []);
    const enforced =
      choices.length === 0
        ? openGate
        : this.behind(choices, { headers, isFirst }, route);
    return audited.length === 0 ? enforced : new AuditedGate(enforced, audited);
  }

  private auditGate(route: string, { choice, policies }: NamedChoice) {
    const tally = this.sources.counts.open(route, policies);
    return new AuditGate(
      this.behind([choice], UNTOLD),
      tally,
      this.sources.log,
    );
  }

  private behind(
    choices: readonly LimitChoice[],
    writing: FieldWriting,
    route?: string,
  ): Gate {
    const { store, edition } = this.sources;
    const onPlanned = (planned: PlannedBuckets) => this.planned.push(planned);
    const terms = { store, edition, writing, route, onPlanned };
    const gateOf = (parts: readonly RoutePart[]) =>
      parts.length === 0 ? openGate : new PlanGate(parts, terms);
    return choices.every(isFixed)
      ? gateOf(eachOnce(choices))
      : new ChoosingGate(choices, gateOf, route);
  }
}
