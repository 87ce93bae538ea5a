import { Findings } from '../../config/findings.js';

/** A request as Express or Fastify presents its sender. */
export interface HttpCaller {
  /** The address that the framework trusts. */
  readonly ip?: string;
  /** Fastify only sets it when it trusts a proxy. */
  readonly ips?: readonly string[];
  readonly headers: Readonly<Record<string, unknown>>;
  /** Express' application. */
  readonly app?: { get(setting: string): unknown };
}

/** Notices requests that came through a proxy the framework does not trust: all of them share the proxy's address. */
export class ProxyTrust {
  private settled = false;
  private seen = 0;

  constructor(private readonly findings: Findings) {}

  /** Looks until it has seen one forwarded request: at the first ones, then at one in 64, since Node reads headers only when they are asked for. */
  watch(request: HttpCaller): void {
    if (this.settled) return;
    this.seen++;
    if (this.seen > 64 && this.seen % 64 !== 0) return;
    if (!isForwarded(request)) return;
    this.settled = true;
    if (trustsProxy(request)) return;
    this.findings.add({
      code: 'untrusted-proxy',
      path: 'strategy "ip"',
      sentence:
        'Requests come through a proxy (they carry X-Forwarded-For or Forwarded), but the framework trusts none, so all clients behind it share one bucket.',
      fix: "Name your proxies: app.set('trust proxy', …) with Express, new FastifyAdapter({ trustProxy: … }) with Fastify.",
    });
  }
}

function isForwarded({ headers }: HttpCaller): boolean {
  return (
    headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined
  );
}

function trustsProxy(request: HttpCaller): boolean {
  return request.app
    ? Boolean(request.app.get('trust proxy'))
    : request.ips !== undefined;
}
