import { Finding, Findings } from '../../config/findings.js';
import { Sender } from '../transport/transport.js';

/** Notices, by a request that came through a proxy, whether the framework trusts none, so that all share the proxy's address, or all, so that callers choose theirs. */
export class ProxyTrust {
  private settled = false;
  private seen = 0;

  constructor(private readonly findings: Findings) {}

  /** Looks until it has seen one forwarded request: at the first ones, then at one in 64, since Node reads headers only when they are asked for. */
  watch(sender: Sender): void {
    if (this.settled) return;
    this.seen++;
    if (this.seen > 64 && this.seen % 64 !== 0) return;
    if (!isForwarded(sender)) return;
    this.settled = true;
    if (!trustsProxy(sender)) this.findings.add(UNTRUSTED);
    else if (trustsAll(sender)) this.findings.add(ALL_TRUSTED);
  }
}

const UNTRUSTED: Finding = {
  code: 'untrusted-proxy',
  path: 'strategy "ip"',
  sentence:
    'Requests come through a proxy (they carry X-Forwarded-For or Forwarded), but the framework trusts none, so all clients behind it share one bucket.',
  fix: "Name your proxies: app.set('trust proxy', …) with Express, new FastifyAdapter({ trustProxy: … }) with Fastify. For WebSocket gateways, whose handshakes no framework looks at, write a function strategy.",
};

const ALL_TRUSTED: Finding = {
  code: 'every-proxy-trusted',
  path: 'strategy "ip"',
  sentence:
    'The framework trusts every proxy (true), so it takes the first address of X-Forwarded-For, which any caller can write: each request may have a bucket of its own.',
  fix: "Name your proxies or how many there are: app.set('trust proxy', 'loopback') or 1 with Express, new FastifyAdapter({ trustProxy: '127.0.0.1' }) or 1 with Fastify.",
};

function isForwarded({ headers }: Sender): boolean {
  return (
    headers?.['x-forwarded-for'] !== undefined ||
    headers?.forwarded !== undefined
  );
}

/** Where Fastify keeps what it was made with; it has no other way to ask. */
const FASTIFY_OPTIONS = 'fastify.options';

function trustsAll({ app, server }: Sender): boolean {
  if (app) return app.get('trust proxy') === true;
  if (typeof server !== 'object' || server === null) return false;
  const symbol = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === FASTIFY_OPTIONS,
  );
  const options = symbol && (Reflect.get(server, symbol) as unknown);
  return (options as { trustProxy?: unknown } | undefined)?.trustProxy === true;
}

function trustsProxy({ app, ips }: Sender): boolean {
  return app ? Boolean(app.get('trust proxy')) : ips !== undefined;
}
