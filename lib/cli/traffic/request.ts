import { isIP, isIPv4, isIPv6 } from 'node:net';

/** One request of the traffic that is replayed. */
export interface TrafficRequest {
  /** Milliseconds since 1970, or since the beginning of made traffic. */
  atMs: number;
  readonly method: string;
  /** Without query and fragment. */
  readonly path: string;
  /** The address of the client; empty where the log doesn't tell it. */
  readonly address: string;
  /** A header of the request: empty where it had none, `undefined` where the log doesn't tell. */
  header?(name: string): string | undefined;
}

/** A request as one line of a log tells it. */
export interface LoggedRequest extends Omit<TrafficRequest, 'atMs'> {
  /** Milliseconds since 1970; absent where the format has no time. */
  atMs?: number;
  /** Whether the log rounds times to whole seconds. */
  readonly isWholeSecond?: boolean;
}

/** Understood, but no request: a logger's other lines, a connection that sent none. */
export const NO_REQUEST = 'no request';

/** What a line is; `undefined` where it isn't understood. */
export type ReadLine = LoggedRequest | typeof NO_REQUEST | undefined;

/** An IPv6 address with its zone and a port. */
const LONGEST_ADDRESS = 80;

/**
 * The address in a text, without brackets and port. Anything else is no client:
 * a virtual host, a port, a timestamp or a socket's path gives an empty text.
 */
export function addressIn(text: string): string {
  if (text.length > LONGEST_ADDRESS) return '';
  if (isIP(text) !== 0) return text;
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    const inside = text.slice(1, end);
    const port = text.slice(end + 1);
    const isWhole = port === '' || isPort(port.slice(1), port[0]);
    return isWhole && isIP(inside) !== 0 ? inside : '';
  }
  const colon = text.indexOf(':');
  const host = text.slice(0, colon);
  return isIPv4(host) && isPort(text.slice(colon + 1), ':') ? host : '';
}

/** The address of a field that always ends with a port, also where IPv6 has no brackets. */
export function addressBeforePort(text: string): string {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || !isPort(text.slice(colon + 1), ':')) return '';
  const host = text.slice(0, colon);
  if (host.startsWith('[') && host.endsWith(']')) return addressIn(host);
  return isIPv4(host) || isIPv6(host) ? host : '';
}

/** The first address of a list such as that of X-Forwarded-For. */
export function firstAddress(list: string): string {
  const comma = list.indexOf(',');
  return addressIn((comma < 0 ? list : list.slice(0, comma)).trim());
}

function isPort(text: string, before: string): boolean {
  return before === ':' && /^\d{1,5}$/.test(text);
}

/** What stands in the first line of a request. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
}

const LONGEST_METHOD = 24;

/** Reads `GET /a?b HTTP/1.1`, also without the protocol; `undefined` for what no application is asked. */
export function requestLine(text: string): RequestLine | undefined {
  const space = text.indexOf(' ');
  if (space < 1) return undefined;
  const protocol = text.lastIndexOf(' ');
  const end =
    protocol > space && text.startsWith('HTTP/', protocol + 1)
      ? protocol
      : text.length;
  return parseTarget(text.slice(0, space), text.slice(space + 1, end));
}

/** A method and a target, or `undefined` for what no application is asked. */
export function parseTarget(
  method: string,
  target: string,
): RequestLine | undefined {
  if (method.length > LONGEST_METHOD || !/^[A-Z][A-Z-]*$/.test(method)) {
    return undefined;
  }
  const path = pathOf(target);
  return path === undefined ? undefined : { method, path };
}

const SCHEME = /^(?:https?|wss?):\/\//;

/** The path of a target, which may be a whole URL. */
function pathOf(target: string): string | undefined {
  let start = 0;
  if (!target.startsWith('/')) {
    if (target === '*') return target;
    const scheme = SCHEME.exec(target.slice(0, 8));
    if (!scheme) return undefined;
    start = scheme[0].length;
    const authority = target.slice(start).search(/[/?#]/);
    if (authority < 0) return '/';
    start += authority;
  }
  const query = target.indexOf('?', start);
  const hash = target.indexOf('#', start);
  const ends = [query, hash].filter((at) => at >= 0);
  return target.slice(start, Math.min(...ends, target.length)) || '/';
}
