import ipaddr from 'ipaddr.js';
import { Finding, Findings } from '../../config/findings.js';
import { Sender } from '../transport/transport.js';
import { addressKey } from './address-key.js';

/**
 * Detects, from requests that came through a proxy, whether the framework
 * trusts no proxy, so that all clients share the proxy's address, or every
 * proxy, so that callers choose their own.
 */
export class ProxyTrust {
  private settled = false;

  constructor(private readonly findings: Findings) {}

  /** Inspects requests until one has shown what there is to find. */
  watch(sender: Sender): void {
    if (this.settled || !isForwarded(sender)) return;
    const finding = findingOf(sender);
    if (finding) this.findings.add(finding);
    // Fastify doesn't expose its setting, so requests have to reveal it.
    this.settled = finding !== undefined || sender.ips === undefined;
  }
}

function findingOf(sender: Sender): Finding | undefined {
  if (!trustsProxy(sender)) return UNTRUSTED;
  if (sender.app?.get('trust proxy') === true) return ALL_TRUSTED;
  if (isPeer(sender)) return peerUntrusted(sender);
  return trustsStranger(sender) ? ALL_TRUSTED : undefined;
}

const PATH = 'strategy "ip"';

const UNTRUSTED: Finding = {
  code: 'untrusted-proxy',
  path: PATH,
  sentence:
    'Requests arrive through a proxy (they carry X-Forwarded-For or Forwarded), but the framework trusts no proxy, so all clients behind it share one bucket.',
  fix: "Tell the framework which proxies to trust: app.set('trust proxy', …) on Express, new FastifyAdapter({ trustProxy: … }) on Fastify. For WebSocket gateways, whose handshakes bypass the framework, use a function strategy.",
};

function peerUntrusted({ socket }: Sender): Finding {
  return {
    code: 'untrusted-proxy',
    path: PATH,
    sentence: `Requests arrive through the proxy ${socket?.remoteAddress}, which is not among the proxies the framework trusts, so all clients behind it share one bucket.`,
    fix: "Add the address or network of that proxy. On Fastify 5.12.1 and later a number of hops has no effect; use an address or network, such as trustProxy: '10.0.0.0/8'.",
  };
}

const ALL_TRUSTED: Finding = {
  code: 'every-proxy-trusted',
  path: PATH,
  sentence:
    'The framework trusts X-Forwarded-For from public addresses, as it does when every proxy is trusted (true). Any caller can then forge its address, and so choose its bucket.',
  fix: "Trust only your own proxies: app.set('trust proxy', 'loopback') or 1 on Express, new FastifyAdapter({ trustProxy: '127.0.0.1' }) on Fastify. Silence this finding if every trusted public address is one of your proxies.",
};

function isForwarded({ headers }: Sender): boolean {
  return (
    headers?.['x-forwarded-for'] !== undefined ||
    headers?.forwarded !== undefined
  );
}

/** Fastify lists the addresses on the way only if it trusts a proxy. */
function trustsProxy({ app, ips }: Sender): boolean {
  return app ? Boolean(app.get('trust proxy')) : ips !== undefined;
}

/** Whether the address that the framework trusts is the peer's. */
function isPeer({ ip, socket, headers }: Sender): boolean {
  // Express and Fastify read no other header.
  return (
    headers?.['x-forwarded-for'] !== undefined &&
    socket?.remoteAddress !== undefined &&
    ip === socket.remoteAddress
  );
}

/** Whether a hop that vouches for the address is outside private networks. */
function trustsStranger({ ips }: Sender): boolean {
  return ips?.slice(0, -1).some(isPublic) ?? false;
}

function isPublic(address: string): boolean {
  const [key] = addressKey(address, 128).split('/', 1);
  if (!ipaddr.isValid(key)) return false;
  const range = ipaddr.parse(key).range();
  return range === 'unicast' || range === 'reserved';
}
