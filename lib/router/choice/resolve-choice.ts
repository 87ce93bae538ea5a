import type { ExecutionContext } from '@nestjs/common';
import { contentIdentity } from '../../config/values.js';
import { check, Fault, ThrottleConfigError } from '../../config/fault.js';
import { Findings } from '../../config/findings.js';
import {
  resolvedLimit,
  ResolvedFields,
  ResolveFunction,
} from '../../config/schema/choice-fields.js';
import { looksLikeLimit } from '../../config/schema/limit-text.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { bucketId, idBeneath } from '../../stores/bucket-id.js';
import { ClientKeys } from '../client-key/client-key.js';
import { RoutePart } from '../routes/route-part.js';
import {
  ChooseParts,
  Chosen,
  isFixed,
  LimitChoice,
  NO_PARTS,
} from './limit-choice.js';
import { BucketNames, LimitName } from './limit-names.js';
import { inheritedLimit, limitParts } from './limit-parts.js';
import { seeDocs } from '../../core/docs-address.js';

type Answer = Awaited<ReturnType<ResolveFunction>>;

/** Calls a function for the limit of each request, once. */
export function resolveChoice(
  resolve: ResolveFunction,
  choices: ResolvedChoices,
): ChooseParts {
  const choose = (answer: Answer, context: ExecutionContext) => {
    const choice = choices.of(answer);
    return isFixed(choice) ? choice : choice(context);
  };
  return (context): Chosen | Promise<Chosen> => {
    const answer = resolve(context);
    return isPromise(answer)
      ? answer.then((late) => choose(late, context))
      : choose(answer, context);
  };
}

function isPromise(
  answer: ReturnType<ResolveFunction>,
): answer is Promise<Answer> {
  return typeof answer === 'object' && answer !== null && 'then' in answer;
}

/** The most distinct limits that one resolver may return: their buckets are kept for good. */
export const MOST_LIMITS = 1000;

/** What a resolver's results are read with. */
export interface ResolvedSources {
  readonly keys: ClientKeys;
  readonly findings: Findings;
  /** The choice of a policy by its name. */
  readonly policyChoice: (policy: string, at: LimitName) => LimitChoice;
}

/** The choices for one resolver's results; equal limits share their buckets. */
export class ResolvedChoices {
  private readonly known = new Map<string, LimitChoice>();

  constructor(
    private readonly outer: RouterLimit,
    private readonly name: LimitName,
    private readonly sources: ResolvedSources,
  ) {}

  /** @throws ThrottleConfigError if the result isn't a limit */
  of(answer: unknown): LimitChoice {
    if (answer === undefined) return NO_PARTS;
    const identity = contentIdentity(answer);
    return (
      (identity && this.known.get(identity)) || this.read(answer, identity)
    );
  }

  private read(answer: unknown, written: string | undefined): LimitChoice {
    if (typeof answer === 'string' && !looksLikeLimit(answer)) {
      const choice = this.sources.policyChoice(answer, this.name);
      return this.remember(written, choice);
    }
    const limit = this.checked(answer);
    // An instance of a class shows its content only when it is read.
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
      this.names(limit, policy, inner),
      this.sources.keys,
    );
  }

  /** Bucket names contain the figures, so that a limit is the same whenever and wherever it is returned. */
  private names(
    limit: RouterLimit,
    policy = this.name.label,
    inner: ResolvedFields,
  ): BucketNames {
    const { base, group, label, chosenLabel } = this.name;
    const shown =
      policy === label ? label : chosenLabel?.(policy, idBeneath(base, policy));
    return (scope) => {
      const figures =
        scope === 'endpoint'
          ? `${limit.maxRate}/${limit.everyMs}ms/${limit.capacity ?? 1}`
          : `${limit.clientMaxRate}/${limit.everyMs}ms/${limit.clientCapacity ?? 1}${whoIn(inner)}`;
      return {
        id: idBeneath(base, policy, figures, scope),
        group,
        policy: shown ?? policy,
      };
    };
  }

  private remember(
    identity: string | undefined,
    choice: LimitChoice,
  ): LimitChoice {
    if (identity === undefined) return choice;
    if (this.known.size >= MOST_LIMITS) {
      this.sources.findings.add(tooManyLimits(this.name));
      throw new RangeError(
        `The resolve function of ${this.name.label} returned more than ${MOST_LIMITS} different limits. ${seeDocs('findings', 'too-many-limits')}`,
      );
    }
    this.known.set(identity, choice);
    return choice;
  }
}

/** Keys of one kind must not share buckets with keys of another. */
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
    : `:${bucketId(strategy ?? '', key, String(ipv6Prefix))}`;
}

function tooManyLimits({ label, base }: LimitName) {
  return {
    code: 'too-many-limits',
    path: base,
    sentence: `The resolve function of ${label} returned more than ${MOST_LIMITS} different limits; requests that get a further one fail.`,
    fix: 'Return limits from a small set, such as policy names, and never derive them from values that callers choose.',
  } as const;
}
