import { ExecutionContext } from '@nestjs/common';
import { withoutStack } from '../problem/without-stack.js';
import { ClientUnknownException } from './refusals.js';
import { RoutePart } from './route-part.js';
import { policiesOf, RoutePlan } from './route-plan.js';

/**
 * The entrance of one route: reads who is asking and puts the request before
 * the plan. Synchronous wherever the keys and the store are.
 */
export class RouteGate {
  /** Filled anew for each request whose keys are known at once; a decision reads it before anything else runs. */
  private readonly keys: (string | Promise<string>)[];
  /** Plans without the parts whose key a request may leave out, by the parts that stay. */
  private readonly reduced = new Map<string, RoutePlan>();

  /**
   * @param plan what a request must pass when all its keys are known
   * @param planOf makes the plan of a request that may leave keys out
   * @param isBound whether backend calls of the handler end with the request
   * @param timeoutMs the deadline of the endpoint, if it has one
   */
  constructor(
    private readonly plan: RoutePlan,
    private readonly planOf: (parts: readonly RoutePart[]) => RoutePlan,
    readonly isBound: boolean,
    readonly timeoutMs?: number,
  ) {
    this.keys = plan.parts.map(() => '');
  }

  /**
   * Lets the request through or throws its refusal.
   *
   * @throws ClientRateLimitedException, EndpointRateLimitedException or ClientUnknownException
   */
  pass(context: ExecutionContext): void | Promise<void> {
    return this.readKeys(context)
      ? this.passWith(this.keys as string[], context)
      : Promise.all(this.keys).then((keys) => this.passWith(keys, context));
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

  private passWith(
    keys: string[],
    context: ExecutionContext,
  ): void | Promise<void> {
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === '' && this.plan.parts[i].client) {
        return this.passUnknown(keys, context);
      }
    }
    return this.plan.pass(keys, context);
  }

  /** A request that does not say who is calling: refused, or let through by the limits that can do without. */
  private passUnknown(
    keys: string[],
    context: ExecutionContext,
  ): void | Promise<void> {
    const { parts } = this.plan;
    const isUnknown = (part: RoutePart, i: number) =>
      part.client && keys[i] === '';
    const rejecting = parts.filter(
      (part, i) => isUnknown(part, i) && part.onMissingKey === 'reject',
    );
    if (rejecting.length > 0) {
      const policies = policiesOf(rejecting);
      throw withoutStack(() => new ClientUnknownException(policies));
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
