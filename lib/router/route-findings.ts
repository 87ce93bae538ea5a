import { Finding } from '../config/findings.js';
import { contentIdentity } from '../config/content-identity.js';
import { RouteLimit } from './route-limit.js';

/** What is doubtful about the limits that meet on one handler. */
export function routeFindings(
  limits: readonly RouteLimit[],
  where: string,
): Finding[] {
  const path = `@RouterRateLimit on ${where}`;
  const findings: Finding[] = [];
  if (isRepeated(limits)) findings.push(repeated(path));
  if (limits.length > 0 && limits.every(isLeftOut)) {
    findings.push(passedWithoutKey(path));
  }
  return findings;
}

function isRepeated(limits: readonly RouteLimit[]): boolean {
  if (limits.length < 2) return false;
  const seen = new Set<unknown>();
  const isSecond = ({ limit, shared }: RouteLimit) => {
    const { name: _, ...content } = limit;
    const identity = contentIdentity(content) ?? limit;
    return !shared && seen.size === seen.add(identity).size;
  };
  return limits.some(isSecond);
}

function repeated(path: string): Finding {
  return {
    code: 'repeated-limit',
    path,
    sentence:
      'The same limit stands here twice, maybe once on the controller: both have buckets of their own, are charged by each request and always refuse together.',
    fix: 'Leave one of them out, or write @SkipRouterRateLimit() where a handler should have its limit in place of that of its controller.',
  };
}

function isLeftOut({ limit }: RouteLimit): boolean {
  const { strategy, onMissingKey, maxRate, tiers, resolve } = limit;
  const isAlone = maxRate === undefined && !tiers && !resolve;
  return isAlone && strategy === 'header' && onMissingKey === 'skip';
}

function passedWithoutKey(path: string): Finding {
  return {
    code: 'limit-left-out',
    path,
    sentence:
      "Every limit here says onMissingKey: 'skip' for a header, so a caller that leaves the header out is not limited at all.",
    fix: "Add a limit for those without the header, such as one by 'ip', or leave onMissingKey out.",
  };
}
