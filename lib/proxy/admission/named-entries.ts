import { isDeepStrictEqual } from 'node:util';
import { ThrottleConfigError } from '../../config/fault.js';
import { BackendLimit } from '../../config/schema/backend-limit.schema.js';
import { backendLimitText } from '../../config/words/limit-words.js';
import { CallPlan } from './call-plan.js';

interface NamedEntry {
  readonly limit: BackendLimit;
  readonly plan: CallPlan;
}

/** The entries of one backend that are taken by name: one name, one limit, one bucket. */
export class NamedEntries {
  private readonly entries = new Map<string, NamedEntry>();

  constructor(private readonly backend: string) {}

  /**
   * The plan of an entry, made by `draw` where the name is new.
   *
   * @throws ThrottleConfigError when the name has another limit already
   */
  plan(name: string, limit: BackendLimit, draw: () => CallPlan): CallPlan {
    const known = this.entries.get(name);
    if (!known) {
      const plan = draw();
      this.entries.set(name, { limit, plan });
      return plan;
    }
    if (isDeepStrictEqual(known.limit, limit)) return known.plan;
    throw new ThrottleConfigError([
      {
        path: `entry "${name}" of "${this.backend}"`,
        found: textOf(limit),
        allowed: `the limit that it was first taken with, ${textOf(known.limit)}; or another name`,
      },
    ]);
  }
}

function textOf(limit: BackendLimit): string {
  const { patience } = limit;
  const waiting = patience
    ? `, of which ${patience.maxQueue} wait at most ${patience.maxWaitMs} ms`
    : '';
  return backendLimitText(limit) + waiting;
}
