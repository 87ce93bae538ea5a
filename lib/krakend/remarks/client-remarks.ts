import { numberAt, Section, textAt } from '../enforced/go-value.js';
import { EnforcedClientBucket, strategyOf } from '../enforced/router-limit.js';
import { Place, shown } from '../place.js';

/** Remarks on who a client is, and whether it is limited at all. */
export function remarkOnClient(
  section: Section,
  rateName: string,
  client: EnforcedClientBucket | undefined,
  path: string | undefined,
  place: Place,
): void {
  if (numberAt(section, rateName) > 0 && !client) {
    const strategy = textAt(section, 'strategy');
    const isOlder = strategyOf(section) !== undefined;
    place.at('strategy').remark('client-limit-dropped', {
      written: strategy === '' ? 'no strategy' : `strategy: ${shown(strategy)}`,
      enforced: `${isOlder ? 'KrakenD 1 does not know it' : 'It is unknown'}, so clients are not limited; there is at most a warning in the log.`,
      fix: 'Write strategy: "ip", "header" or "param".',
    });
  }
  if (!client) return;
  if (client.strategy === 'ip') remarkOnAddress(client.key, place);
  if (client.strategy === 'header') remarkOnHeader(client.key, place);
  if (client.strategy === 'param') remarkOnParam(client.key, path, place);
}

function remarkOnAddress(key: string, place: Place): void {
  place.at(key === '' ? 'strategy' : 'key').remark('address-can-be-forged', {
    written:
      key === '' ? 'strategy: "ip"' : `strategy: "ip", key: ${shown(key)}`,
    enforced:
      key === ''
        ? 'KrakenD believes X-Forwarded-For from anyone unless its router is told otherwise, so a client escapes with a header. Here the address is the one that your framework trusts.'
        : `Whoever sends ${key} chooses the client it is counted as, and an IPv6 address there is never read.`,
    fix:
      key === ''
        ? 'Name the proxies that are yours, and no others, to Express or Fastify.'
        : 'Use strategy "ip" without key, and name your proxies to Express or Fastify.',
  });
}

function remarkOnHeader(key: string, place: Place): void {
  if (isNeverSent(key)) {
    place.at('key').remark('clients-all-refused', {
      written: `strategy: "header", key: ${shown(key)}`,
      enforced: 'No request has such a header, so all of them get 429.',
      fix: 'Write the name of a header that clients send.',
    });
    return;
  }
  place.at('key').remark('client-without-key', {
    written: `strategy: "header", key: ${shown(key)}`,
    enforced: `A request without ${key}, also one whose token lacks the claim that fills it, gets 429.`,
    fix: 'Keep it if that is meant; onMissingKey: "skip" lets such requests pass.',
  });
}

/** Go keeps Host apart from the headers. */
export function isNeverSent(header: string): boolean {
  return header === '' || header.toLowerCase() === 'host';
}

function remarkOnParam(
  key: string,
  path: string | undefined,
  place: Place,
): void {
  if (path?.includes(`{${key}}`)) return;
  place.at('key').remark('clients-all-refused', {
    written: `strategy: "param", key: ${shown(key)}`,
    enforced: `${path === undefined ? 'There is no path yet' : `${path} has no such parameter`}, so every request gets 429.`,
    fix: 'Write the name of a parameter of the path, in the same letters.',
  });
}
