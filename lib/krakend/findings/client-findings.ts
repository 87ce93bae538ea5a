import { numberAt, Section, textAt } from '../enforced/go-value.js';
import { EnforcedClientBucket, strategyOf } from '../enforced/rate-limit.js';
import { Place, shown } from '../krakend-finding.js';

/** The context of a limit per client. */
export interface Clients {
  /** The path of the endpoint; `undefined` for the service. */
  readonly path?: string;
  /** The headers with which a client can forge its address; `undefined` if KrakenD trusts none. */
  readonly forgedBy?: string;
}

/** Reports how a limit identifies clients, and whether it limits them at all. */
export function reportClients(
  section: Section,
  rateName: string,
  client: EnforcedClientBucket | undefined,
  { path, forgedBy }: Clients,
  place: Place,
): void {
  if (numberAt(section, rateName) > 0 && !client) {
    reportDropped(section, place);
  }
  if (!client) return;
  const { strategy, key } = client;
  if (strategy === 'ip') reportAddress(key, forgedBy, place);
  if (strategy === 'header') reportHeader(key, place);
  if (strategy === 'param') reportParam(key, path, place);
}

function reportDropped(section: Section, place: Place): void {
  const strategy = textAt(section, 'strategy');
  const isNewer = strategyOf(section) !== undefined;
  place.at('strategy').report('client-limit-dropped', {
    written: strategy === '' ? 'no strategy' : `strategy: ${shown(strategy)}`,
    enforced: `${isNewer ? 'KrakenD 1 does not know it' : 'It is unknown'}, so clients are not limited; there is at most a warning in the log.`,
    fix: 'Write strategy: "ip", "header" or "param".',
  });
}

function reportAddress(
  key: string,
  forgedBy: string | undefined,
  place: Place,
): void {
  if (key !== '') {
    place.at('key').report('address-can-be-forged', {
      written: `strategy: "ip", key: ${shown(key)}`,
      enforced: `Whoever sends ${key} chooses the client it is counted as, and an IPv6 address there is never read.`,
      fix: 'Use strategy "ip" without key, and tell Express or Fastify which proxies to trust.',
    });
  } else if (forgedBy !== undefined) {
    place.at('strategy').report('address-can-be-forged', {
      written: 'strategy: "ip"',
      enforced: `KrakenD believes ${forgedBy} from anyone, so a client escapes with a header. Here the address is the one that your framework trusts.`,
      fix: 'Tell Express or Fastify which proxies to trust, and no others.',
    });
  }
}

function reportHeader(key: string, place: Place): void {
  if (isNeverSent(key)) {
    place.at('key').report('clients-all-refused', {
      written: `strategy: "header", key: ${shown(key)}`,
      enforced: 'No request has such a header, so all of them get 429.',
      fix: 'Write the name of a header that clients send.',
    });
    return;
  }
  place.at('key').report('client-without-key', {
    written: `strategy: "header", key: ${shown(key)}`,
    enforced: `A request without ${key}, also one whose token lacks the claim that fills it, gets 429.`,
    fix: 'Keep it if that is what you want; onMissingKey: "skip" lets such requests pass.',
  });
}

/** Whether KrakenD never finds a header: Go keeps Host outside of the headers. */
export function isNeverSent(header: string): boolean {
  return header === '' || header.toLowerCase() === 'host';
}

function reportParam(
  key: string,
  path: string | undefined,
  place: Place,
): void {
  if (path?.includes(`{${key}}`)) return;
  place.at('key').report('clients-all-refused', {
    written: `strategy: "param", key: ${shown(key)}`,
    enforced: `${path === undefined ? 'There is no path yet' : `${path} has no such parameter`}, so every request gets 429.`,
    fix: 'Write the name of a parameter of the path, in the same letters.',
  });
}
