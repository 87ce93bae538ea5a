import { printable } from '../../config/format/text.js';
import type { ExecutionContext } from '@nestjs/common';
import {
  BucketStore,
  PlannedBuckets,
  Verdict,
} from '../../stores/bucket-store.js';
import { FieldWriting, QuotaFields } from '../headers/quota-fields.js';
import {
  Rejection,
  RejectionKind,
  reportRejection,
} from '../reject/rejection.js';
import { PlanCharge } from '../settle/charge.js';
import { inboundTransportOf } from '../transport/transports.js';
import { BucketView, bucketView, unknownView } from './bucket-view.js';
import { AdmittedCharge, Decision, Gate } from './gates.js';
import { RoutePart } from './route-part.js';
import { seeDocs } from '../../core/docs-address.js';

/** What the plans of one edition of the limits share. */
export interface PlanTerms {
  readonly store: BucketStore;
  /** How many times the limits have been replaced at run time. */
  readonly edition?: number;
  readonly writing: FieldWriting;
  /** The route under which rejections are reported; none in mode `audit`. */
  readonly route?: string;
  /** Called with each plan that the store prepares. */
  readonly onPlanned?: (planned: PlannedBuckets) => void;
}

/** The bits of larger plans don't fit into a number; their rejections are created each time. */
const MOST_REMEMBERED = 31;

/**
 * Reads who is asking, charges every bucket of a plan or none, and writes the
 * quota into the response. Synchronous if keys and store are.
 */
export class PlanGate implements Gate {
  private readonly planned: PlannedBuckets;
  private readonly fields: QuotaFields;
  private readonly isSettled: boolean;
  private readonly hasCostFunctions: boolean;
  /** Reused: both are refilled for each request, and a decision reads them before anything else runs. */
  private readonly keys: (string | Promise<string>)[];
  private readonly costs: number[];
  /** By the parts that refuse, as the bits of a number. */
  private readonly rejections = new Map<number, RejectionKind>();
  /** For requests without some of their keys: plans of the remaining parts. */
  private readonly reduced = new Map<string, PlanGate>();

  /** @param parts the buckets that a request must pass if all its keys are known */
  constructor(
    private readonly parts: readonly RoutePart[],
    private readonly terms: PlanTerms,
  ) {
    this.planned = terms.store.plan(
      parts.map(({ id, group, limit, client, hidesKeys }) => ({
        id,
        group,
        limit,
        edition: terms.edition,
        keyed: client !== undefined,
        hidesKeys,
      })),
    );
    terms.onPlanned?.(this.planned);
    this.fields = new QuotaFields(parts, terms.writing);
    this.isSettled = parts.some(({ settle }) => settle);
    this.hasCostFunctions = parts.some(
      ({ cost }) => typeof cost === 'function',
    );
    this.keys = parts.map(() => '');
    this.costs = parts.map(({ cost }) => (typeof cost === 'number' ? cost : 0));
  }

  /** @throws RangeError if a cost function doesn't return a finite number of at least 0 */
  pass(context: ExecutionContext): Decision {
    return this.readKeys(context)
      ? this.passWith(this.keys as string[], context)
      : Promise.all(this.keys).then((keys) => this.passWith(keys, context));
  }

  async look(context: ExecutionContext): Promise<readonly BucketView[]> {
    const keys = await Promise.all(
      this.parts.map(({ client }) => client?.(context) ?? ''),
    );
    const known = this.parts.map(
      ({ client }, i) => client === undefined || keys[i] !== '',
    );
    const gate = known.every(Boolean) ? this : this.reducedTo(known);
    const views = await gate.lookWith(
      keys.filter((_, i) => known[i]),
      context,
    );
    return [
      ...views,
      ...this.parts.filter((_, i) => !known[i]).map(unknownView),
    ];
  }

  private async lookWith(
    keys: readonly string[],
    context: ExecutionContext,
  ): Promise<BucketView[]> {
    const costs = Array.from(this.costsOf(context));
    // A cost of 0 reads the levels without changing them.
    const nothing = costs.map(() => 0);
    const { tokens } = await this.planned.decide(keys, nothing);
    return this.parts.map((part, i) =>
      bucketView(part, { key: keys[i], cost: costs[i], tokens: tokens[i] }),
    );
  }

  /** Whether all keys are available synchronously. */
  private readKeys(context: ExecutionContext): boolean {
    let atOnce = true;
    for (let i = 0; i < this.keys.length; i++) {
      const key = this.parts[i].client?.(context) ?? '';
      this.keys[i] = key;
      if (typeof key !== 'string') atOnce = false;
    }
    return atOnce;
  }

  private passWith(keys: string[], context: ExecutionContext): Decision {
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === '' && this.parts[i].client) {
        return this.passUnknown(keys, context);
      }
    }
    return this.decide(keys, context);
  }

  private decide(keys: string[], context: ExecutionContext): Decision {
    const costs = this.costsOf(context);
    // Copies, since both lists are refilled for the next request.
    const charge = this.isSettled
      ? new PlanCharge(this.parts, this.planned, keys.slice(), costs.slice())
      : undefined;
    const verdict = this.planned.decide(keys, costs);
    return verdict instanceof Promise
      ? verdict.then((late) => this.conclude(late, context, charge))
      : this.conclude(verdict, context, charge);
  }

  private conclude(
    verdict: Verdict,
    context: ExecutionContext,
    charge: AdmittedCharge,
  ): AdmittedCharge | Rejection {
    const response = inboundTransportOf(context).response(context);
    if (response) {
      this.fields.write(response, verdict.isUnknown ? undefined : verdict);
    }
    return verdict.admitted
      ? charge
      : this.report(this.rejectionOf(verdict), context);
  }

  /** A request without a client key: refused, or admitted by the limits that don't need it. */
  private passUnknown(keys: string[], context: ExecutionContext): Decision {
    const isUnknown = ({ client }: RoutePart, i: number) =>
      client !== undefined && keys[i] === '';
    const rejecting = this.parts.filter(
      (part, i) => isUnknown(part, i) && part.onMissingKey === 'reject',
    );
    if (rejecting.length > 0) {
      const response = inboundTransportOf(context).response(context);
      if (response) this.fields.write(response, undefined);
      const kind = new RejectionKind('missing-key', policiesOf(rejecting));
      return this.report(kind.reject(), context);
    }
    const stays = this.parts.map((part, i) => !isUnknown(part, i));
    return this.reducedTo(stays).decide(
      keys.filter((_, i) => stays[i]),
      context,
    );
  }

  private report(rejection: Rejection, context: ExecutionContext): Rejection {
    const { route } = this.terms;
    return route === undefined
      ? rejection
      : reportRejection(route, rejection, context);
  }

  private reducedTo(stays: readonly boolean[]): PlanGate {
    const id = stays.join();
    const known = this.reduced.get(id);
    if (known) return known;
    const parts = this.parts.filter((_, i) => stays[i]);
    const made = new PlanGate(parts, this.terms);
    this.reduced.set(id, made);
    return made;
  }

  private costsOf(context: ExecutionContext): number[] {
    if (this.hasCostFunctions) this.askCosts(context);
    return this.costs;
  }

  private askCosts(context: ExecutionContext): void {
    this.parts.forEach(({ cost, id }, i) => {
      if (typeof cost === 'number') return;
      // Both buckets of a limit share its function, which is called once.
      const before = this.parts.findIndex((part) => part.cost === cost);
      this.costs[i] =
        before < i ? this.costs[before] : checkedCost(cost(context), id);
    });
  }

  /** If several buckets refuse, the client's are reported. */
  private rejectionOf({ waitsMs, retryAfterMs }: Verdict): Rejection {
    let bits = 0;
    for (let i = 0; i < this.parts.length; i++) {
      if (waitsMs[i] > 0) bits |= 1 << i;
    }
    const known = this.rejections.get(bits);
    const kind = known ?? kindOf(this.parts.filter((_, i) => waitsMs[i] > 0));
    if (!known && this.parts.length <= MOST_REMEMBERED) {
      this.rejections.set(bits, kind);
    }
    return kind.reject(retryAfterMs < Infinity ? retryAfterMs : undefined);
  }
}

function kindOf(refused: readonly RoutePart[]): RejectionKind {
  const byClient = refused.filter(({ client }) => client);
  return byClient.length > 0
    ? new RejectionKind('client', policiesOf(byClient))
    : new RejectionKind('endpoint', policiesOf(refused));
}

/** The names that callers know, each once. */
function policiesOf(parts: readonly RoutePart[]): string[] {
  return [...new Set(parts.map(({ policy }) => policy))];
}

function checkedCost(cost: unknown, id: string): number {
  if (typeof cost === 'number' && cost >= 0 && cost < Infinity) return cost;
  throw new RangeError(
    `the cost function of ${id} returned ${printable(String(cost))}; allowed: a finite number from 0. ${seeDocs('errors', 'cost-not-a-number')}`,
  );
}
