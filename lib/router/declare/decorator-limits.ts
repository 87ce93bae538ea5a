import { didYouMean } from '../../config/format/text.js';
import { check, Fault } from '../../config/fault.js';
import { Findings } from '../../config/findings.js';
import { routerLimitFindings } from '../../config/limit-findings.js';
import { looksLikeLimit } from '../../config/schema/limit-text.js';
import {
  Policy,
  RouterLimit,
  routerLimit,
} from '../../config/schema/router-limit.schema.js';
import { contentIdentity } from '../../config/values.js';
import { FROM_ROUTES, LIMITS } from '../decorators/metadata.js';
import { RouteLimit } from './declared-route.js';

/** The policies that limits may name, and where unknown names are reported. */
export interface NamedPolicies {
  readonly policies: ReadonlyMap<string, Policy>;
  readonly faults: Fault[];
}

/** What decorators may name, and where findings go. */
export interface LimitSources extends NamedPolicies {
  readonly findings: Findings;
}

/** The limits from the decorators of one handler or controller. */
export interface WrittenLimits {
  readonly limits: readonly RouteLimit[];
  /** Whether the configuration decides some or all of the limits. */
  readonly isConfigured: boolean;
}

/** Reads the limits that decorators carry; adds what is wrong to the faults. */
export class DecoratorLimits {
  /** Applications repeat the same few limits; each is checked once. */
  private readonly known = new Map<string, RouterLimit>();
  /** Limits without findings, wherever they are used. */
  private readonly sound = new Set<RouterLimit>();

  constructor(private readonly sources: LimitSources) {}

  /** The limits on a handler or controller; `undefined` without a decorator. */
  on(decorated: Function, where: string): WrittenLimits | undefined {
    const written = Reflect.getMetadata(LIMITS, decorated) as
      unknown[] | undefined;
    if (!written) return undefined;
    const path = `@RouterRateLimit on ${where}`;
    if (written.length === 0) {
      const allowed = 'at least one limit, or no decorator';
      this.sources.faults.push({ path, found: 'an empty list', allowed });
    }
    const limits: RouteLimit[] = [];
    for (const one of written) {
      const limit = one === FROM_ROUTES ? undefined : this.read(one, path);
      if (limit) limits.push(limit);
    }
    return { limits, isConfigured: written.includes(FROM_ROUTES) };
  }

  private read(written: unknown, path: string): RouteLimit | undefined {
    if (typeof written === 'string' && !looksLikeLimit(written)) {
      return this.policy(written, path);
    }
    const limit = this.checked(written, path);
    if (!limit) return undefined;
    if (!this.sound.has(limit)) this.remark(limit, path);
    return { limit, name: limit.name, from: path };
  }

  private remark(limit: RouterLimit, path: string): void {
    const findings = routerLimitFindings(limit, path);
    this.sources.findings.addAll(findings);
    if (findings.length === 0) this.sound.add(limit);
  }

  private checked(written: unknown, path: string): RouterLimit | undefined {
    const identity = contentIdentity(written);
    const known = identity && this.known.get(identity);
    if (known) return known;
    const limit = check(routerLimit, written, path, this.sources.faults);
    if (limit && identity) this.known.set(identity, limit);
    return limit;
  }

  private policy(name: string, path: string): RouteLimit | undefined {
    return policyLimit(name, path, this.sources);
  }
}

/** The limits of a route of the configuration, which is checked except for the names of its policies. */
export function configuredLimits(
  limits: readonly (RouterLimit | string)[],
  path: string,
  sources: NamedPolicies,
): RouteLimit[] {
  return limits.flatMap((limit) =>
    typeof limit === 'string'
      ? (policyLimit(limit, path, sources) ?? [])
      : { limit, name: limit.name, from: path },
  );
}

function policyLimit(
  name: string,
  path: string,
  { policies, faults }: NamedPolicies,
): RouteLimit | undefined {
  const policy = policies.get(name);
  if (policy) {
    const { shared } = policy;
    return { limit: policy, name, shared, from: path, policy: name };
  }
  const hint = didYouMean(name, policies.keys());
  faults.push({
    path,
    found: JSON.stringify(name),
    allowed: `the name of a policy of the configuration, or a limit such as "100/1m"${hint}`,
  });
  return undefined;
}
