import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { ThrottleConfig } from '../../config/schema/throttle-options.schema.js';
import { clientKey } from '../../krakend/enforced/client-key.js';
import { madeStrategy } from '../../krakend/strategies.js';
import { addressKey } from '../../router/client-key/address-key.js';
import { boundedKey } from '../../router/client-key/bounded-key.js';
import { inheritedLimit } from '../../router/choice/limit-parts.js';
import { TrafficRequest } from '../traffic/request.js';

const CLIENT_PREFIX = 64;

/** The request that is decided, and what cannot be decided about it as at run time. */
export class Stage {
  request: TrafficRequest = { atMs: 0, method: '', path: '', address: '' };
  /** How many requests each gap concerns. */
  readonly gaps = new Map<string, number>();
  /** The names of headers that limits read. */
  readonly headers = new Set<string>();
  private readonly noted = new Set<string>();
  private unknown = 0;

  enter(request: TrafficRequest): void {
    this.request = request;
    if (this.noted.size > 0) this.noted.clear();
  }

  /** Notes a gap, once for each request. */
  note(gap: string): void {
    if (this.noted.has(gap)) return;
    this.noted.add(gap);
    this.gaps.set(gap, (this.gaps.get(gap) ?? 0) + 1);
  }

  /** A client that nothing is known of is nobody who came before. */
  nobody(): string {
    return `(unknown ${this.unknown++})`;
  }
}

/**
 * The configuration as traffic can be decided by it, with the router's own
 * code: whatever a log doesn't tell, and every function of the application, has
 * a stand-in that assumes something, and says so.
 */
export function withStandIns(
  config: ThrottleConfig,
  stage: Stage,
): ThrottleConfig {
  const { service, policies, routes } = config;
  const standIn = (limit: RouterLimit, at: string) =>
    limitWithStandIns(limit, at, stage);
  const byKey = Object.entries(routes).map(([key, route]) => [
    key,
    {
      ...route,
      limits: route.limits.map((limit, i) =>
        typeof limit === 'string'
          ? limit
          : standIn(limit, `${key}, limits[${i}]`),
      ),
    },
  ]);
  const byName = Object.entries(policies).map(([name, policy]) => [
    name,
    { ...policy, ...standIn(policy, `policy ${name}`) },
  ]);
  return {
    ...config,
    mode: 'enforce',
    service: service && (standIn(service, 'service') as typeof service),
    policies: Object.fromEntries(byName) as ThrottleConfig['policies'],
    routes: Object.fromEntries(byKey) as ThrottleConfig['routes'],
  };
}

/**
 * One limit as traffic can be decided by it.
 *
 * @param at what people call it
 */
export function limitWithStandIns(
  limit: RouterLimit,
  at: string,
  stage: Stage,
): RouterLimit {
  const { tiers, allow, deny } = limit;
  const told = <Answer>(gap: string, answer: Answer) => {
    return () => {
      stage.note(`${at}: ${gap}`);
      return answer;
    };
  };
  const tierKey = tiers && tierKeyFor(limit, at, stage);
  const unknown =
    limit.resolve !== undefined
      ? 'a function resolves it; not simulated'
      : tiers && !tierKey
        ? 'a function tells the tier; not simulated'
        : undefined;
  return {
    ...limit,
    ...ratesFor(limit, at, stage),
    mode: 'enforce',
    allow:
      typeof allow === 'function'
        ? told('allow is a function; nobody is exempt', false)
        : allow,
    deny:
      typeof deny === 'function'
        ? told('deny is a function; nobody is denied', false)
        : deny,
    resolve: unknown === undefined ? undefined : told(unknown, undefined),
    tierKey,
    tiers: (tierKey && tiers)?.map((tier, i) => {
      const place = `${at}.tiers[${i}]`;
      if (typeof tier.when === 'function') {
        const gap = `${place}: a function tells who is in it; not simulated`;
        return {
          name: tier.name,
          when: () => {
            stage.note(gap);
            return true;
          },
          unlimited: true as const,
        };
      }
      return tier.unlimited
        ? tier
        : { ...tier, ...ratesFor(inheritedLimit(limit, tier), place, stage) };
    }),
  };
}

type Rates = Pick<
  RouterLimit,
  'strategy' | 'key' | 'onMissingKey' | 'settle' | 'cost'
>;

/** Who a client is, and what a request costs. */
function ratesFor(limit: RouterLimit, at: string, stage: Stage): Rates {
  const { cost, settle } = limit;
  const gaps = [
    ...(typeof cost === 'function' ? ['cost is a function; 1 is charged'] : []),
    ...(settle ? ['what requests settle afterwards is unknown'] : []),
  ];
  const charged = typeof cost === 'number' ? cost : 1;
  const noted = () => {
    for (const gap of gaps) stage.note(`${at}: ${gap}`);
    return charged;
  };
  return {
    ...clientFor(limit, at, stage),
    cost: gaps.length === 0 ? charged : noted,
    settle: undefined,
  };
}

function clientFor(
  {
    strategy = 'ip',
    key = '',
    ipv6Prefix,
    onMissingKey = 'reject',
  }: RouterLimit,
  at: string,
  stage: Stage,
): Omit<Rates, 'cost' | 'settle'> {
  if (strategy === 'param') return { strategy, key, onMissingKey };
  if (strategy === 'ip') {
    const gap = `${at}: the traffic has no address; clients are not limited`;
    const reader = () => {
      const address = standInAddress(stage.request, ipv6Prefix);
      if (address === '') stage.note(gap);
      return address;
    };
    return { strategy: reader, key: undefined, onMissingKey: 'skip' };
  }
  if (isNoClient(strategy)) return { strategy, key: undefined, onMissingKey };
  const header = headerOf(strategy, key, stage);
  if (header === undefined) {
    const gap = `${at}: a function tells clients apart; not simulated`;
    const reader = () => void stage.note(gap);
    return { strategy: reader, key: undefined, onMissingKey: 'skip' };
  }
  const gap = `${at}: the traffic does not tell ${header.name}; the address stands for the client`;
  const reader = () => {
    const { request } = stage;
    const value = request.header?.(header.name);
    if (value !== undefined) return header.keyIn(value, request);
    stage.note(gap);
    return standInAddress(request, ipv6Prefix) || stage.nobody();
  };
  return { strategy: reader, key: undefined, onMissingKey };
}

interface KeyHeader {
  readonly name: string;
  keyIn(value: string, request: TrafficRequest): string;
}

/** The header that a strategy reads, if it reads one. */
function headerOf(
  strategy: NonNullable<RouterLimit['strategy']>,
  key: string,
  { headers }: Stage,
): KeyHeader | undefined {
  if (strategy === 'header') {
    headers.add(key);
    return { name: key, keyIn: (value) => value };
  }
  const name =
    typeof strategy === 'function' ? madeStrategy(strategy)?.header : undefined;
  if (name === undefined) return undefined;
  headers.add(name);
  return {
    name,
    keyIn: (value, { address }) =>
      clientKey('ip', name, {
        header: () => value,
        param: () => undefined,
        address,
      }),
  };
}

/** KrakenD knows no client there, and refuses everyone. */
function isNoClient(strategy: RouterLimit['strategy']): boolean {
  if (typeof strategy !== 'function') return false;
  const made = madeStrategy(strategy);
  return made !== undefined && made.header === undefined;
}

/** What a tier is chosen by; nothing where a function of the application tells it. */
function tierKeyFor(
  limit: RouterLimit,
  at: string,
  stage: Stage,
): RouterLimit['tierKey'] {
  const { tierKey = limit } = limit;
  const { strategy, key, ipv6Prefix }: KeySource =
    typeof tierKey === 'function' ? { strategy: tierKey } : tierKey;
  if (strategy === 'param') return { strategy, key };
  if (isNoClient(strategy)) return () => undefined;
  const gap = `${at}: the traffic does not tell the tier; requests count as without one`;
  const noted = (told: string | undefined) => {
    if (told === undefined) stage.note(gap);
    return told;
  };
  if (strategy === undefined || strategy === 'ip') {
    return () => noted(standInAddress(stage.request, ipv6Prefix) || undefined);
  }
  const header = headerOf(strategy, key ?? '', stage);
  if (!header) return undefined;
  return () => {
    const { request } = stage;
    const value = noted(request.header?.(header.name));
    return value === undefined ? undefined : header.keyIn(value, request);
  };
}

type KeySource = Pick<RouterLimit, 'strategy' | 'key' | 'ipv6Prefix'>;

/** What is no address stands for itself: logs may hold names, and made traffic does. */
export function standInAddress(
  { address }: TrafficRequest,
  ipv6Prefix = CLIENT_PREFIX,
): string {
  return addressKey(address, ipv6Prefix) || boundedKey(address);
}
