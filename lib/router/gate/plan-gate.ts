import { ExecutionContext } from '@nestjs/common';
import { withoutStack } from '../../problem/without-stack.js';
import { refusalBy } from '../refusal.js';
import { ClientUnknownException } from '../refusals.js';
import { RoutePart } from '../route-part.js';
import { BucketView, unknownView } from './bucket-view.js';
import { Gate, Passage } from './gate.js';
import { policiesOf } from './plan-refusals.js';
import { RoutePlan } from './route-plan.js';

/** Makes the plan of some parts. */
export type MakePlan = (parts: readonly RoutePart[]) => RoutePlan;

/**
 * Reads who is asking and puts the request before one plan. Synchronous
 * wherever the keys and the store are.
 */
export class PlanGate implements Gate {
  private readonly plan: RoutePlan;
  /** Filled anew for each request whose keys are known at once; a decision reads it before anything else runs. */
  private readonly keys: (string | Promise<string>)[];
  /** Plans without the parts whose key a request may leave out, by the parts that stay. */
  private readonly reduced = new Map<string, RoutePlan>();

  /**
   * @param parts what a request must pass when all its keys are known
   * @param planOf makes its plan, and that of a request that leaves keys out
   */
  constructor(
    parts: readonly RoutePart[],
    private readonly planOf: MakePlan,
  ) {
    this.plan = planOf(parts);
    this.keys = parts.map(() => '');
  }

  pass(context: ExecutionContext): Passage {
    return this.readKeys(context)
      ? this.passWith(this.keys as string[], context)
      : Promise.all(this.keys).then((keys) => this.passWith(keys, context));
  }

  async look(context: ExecutionContext): Promise<readonly BucketView[]> {
    const { parts } = this.plan;
    const keys = await Promise.all(
      parts.map(({ client }) => client?.(context) ?? ''),
    );
    const isUnknown = (i: number) => parts[i].client && keys[i] === '';
    const stays = parts.map((_, i) => !isUnknown(i));
    const isWhole = stays.every(Boolean);
    const plan = isWhole ? this.plan : this.reducedPlan(stays);
    const known = await plan.look(
      keys.filter((_, i) => stays[i]),
      context,
    );
    const missing = parts.filter((_, i) => !stays[i]).map(unknownView);
    return [...known, ...missing];
  }

  /** Whether all keys were there at once. */
  private readKeys(context: ExecutionContext): boolean {
    let atOnce = true;
    for (let i = 0; i < this.keys.length; i++) {
      const key = this.plan.parts[i].client?.(context) ?? '';
      this.keys[i] = key;
      if (typeof key !== 'string') atOnce = false;
    }
    return atOnce;
  }

  private passWith(keys: string[], context: ExecutionContext): Passage {
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === '' && this.plan.parts[i].client) {
        return this.passUnknown(keys, context);
      }
    }
    return this.plan.pass(keys, context);
  }

  /** A request that does not say who is calling: refused, or let through by the limits that can do without. */
  private passUnknown(keys: string[], context: ExecutionContext): Passage {
    const { parts } = this.plan;
    const isUnknown = (part: RoutePart, i: number) =>
      part.client && keys[i] === '';
    const rejecting = parts.filter(
      (part, i) => isUnknown(part, i) && part.onMissingKey === 'reject',
    );
    if (rejecting.length > 0) {
      this.plan.tellPolicy(context);
      const policies = policiesOf(rejecting);
      return refusalBy(
        withoutStack(() => new ClientUnknownException(policies)),
      );
    }
    const stays = parts.map((part, i) => !isUnknown(part, i));
    return this.reducedPlan(stays).pass(
      keys.filter((_, i) => stays[i]),
      context,
    );
  }

  private reducedPlan(stays: boolean[]): RoutePlan {
    const id = stays.join();
    const known = this.reduced.get(id);
    if (known) return known;
    const made = this.planOf(this.plan.parts.filter((_, i) => stays[i]));
    this.reduced.set(id, made);
    return made;
  }
}
