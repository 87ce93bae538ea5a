import { isIP } from 'node:net';
import { clfTime, isIsoTime, LogTime } from './log-time.js';
import {
  addressBeforePort,
  addressIn,
  firstAddress,
  LoggedRequest,
  NO_REQUEST,
  ReadLine,
  RequestLine,
  requestLine,
  parseTarget,
} from './request.js';

/**
 * Reads the formats that are plain text. Each reader looks at every character
 * a bounded number of times, whatever the line: a log is written by strangers.
 */
export function readTextLine(line: string): ReadLine {
  const open = timeStart(line);
  if (open >= 0) return readCommon(line, open);
  if (line.startsWith('[') && isIsoTime(line, 1)) return readEnvoy(line);
  const gin = line.indexOf('[GIN] ');
  if (gin >= 0) return readGin(line.slice(gin + 6));
  if (line.includes('[AccessLog] |')) return readGin(line);
  if (/^\[(?:KRAKEND|GIN-debug)\]|^Error #\d/.test(line)) return NO_REQUEST;
  return readLoadBalancer(line) ?? readMorgan(line);
}

/** Where `[10/Oct/2026:13:55:36` begins. */
function timeStart(line: string): number {
  let at = line.indexOf('[');
  while (at >= 0) {
    const isTime =
      line[at + 3] === '/' && line[at + 7] === '/' && line[at + 12] === ':';
    if (isTime) return at;
    at = line.indexOf('[', at + 1);
  }
  return -1;
}

/** The common format, what extends it, and HAProxy's, whose time has a fraction and no zone. */
function readCommon(line: string, open: number): ReadLine {
  const close = line.indexOf(']', open);
  const time = clfTime(line.slice(open + 1, close));
  if (close < 0 || time === undefined) return undefined;
  const before = line.slice(0, open).trimEnd();
  const request = quotedAfter(line, close);
  if (request === undefined) return undefined;
  const read = requestLine(request.text);
  if (!read) return NO_REQUEST;
  if (!time.hasZone) {
    const client = before.slice(before.lastIndexOf(' ') + 1);
    return { ...read, atMs: time.atMs, address: addressBeforePort(client) };
  }
  return new CombinedRequest(
    read,
    time,
    clientBefore(before),
    line,
    request.end,
  );
}

/**
 * The client among what stands before the time: `host ident user`, perhaps
 * after a virtual host, a log shipper's prefix or a list of addresses. Where
 * two may be meant, nobody is: a wrong client is worse than none.
 */
function clientBefore(text: string): string {
  if (text.endsWith(' - -') && isIP(text.slice(0, -4)) !== 0) {
    return text.slice(0, -4);
  }
  if (text.includes(',')) {
    const first = firstAddress(text.slice(0, text.indexOf(',')));
    if (first !== '') return first;
  }
  const tokens = text.split(' ').slice(-12);
  const at = tokens.length - 3;
  const host = tokens[at] ?? '';
  const known = addressIn(host);
  if (known !== '' && (isIP(host) !== 0 || at === 0)) {
    return isIP(tokens[at - 1] ?? '') !== 0 ? '' : known;
  }
  const addresses = new Set(tokens.map(addressIn).filter((a) => a !== ''));
  // With a port it may be the virtual host, without one only the client.
  const plain = [...addresses].filter((a) => tokens.includes(a));
  if (addresses.size > 0) return addresses.size === 1 ? (plain[0] ?? '') : '';
  return at === 0 && isHostName(host) ? host : '';
}

/** A client whose name was looked up. */
function isHostName(text: string): boolean {
  return (
    text === 'localhost' ||
    (text.length < 254 &&
      /^[a-z0-9][a-z0-9.-]*$/i.test(text) &&
      /[a-z]/i.test(text) &&
      text.includes('.'))
  );
}

/** A request of the common format, with the headers that others add to it. */
class CombinedRequest implements LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly isWholeSecond: boolean;
  atMs: number;

  /** @param from where in `line` the headers may follow */
  constructor(
    { method, path }: RequestLine,
    { atMs, isWholeSecond }: LogTime,
    readonly address: string,
    private readonly line: string,
    private readonly from: number,
  ) {
    this.method = method;
    this.path = path;
    this.atMs = atMs;
    this.isWholeSecond = isWholeSecond;
  }

  header(name: string): string | undefined {
    const wanted = name.toLowerCase();
    const place = COMBINED.indexOf(wanted);
    if (place < 0) return undefined;
    let quoted = quotedAfter(this.line, this.from);
    for (let i = 0; quoted && i < place; i++) {
      quoted = quotedAfter(this.line, quoted.end);
    }
    if (!quoted) return undefined;
    // What stands third may be anything else.
    if (wanted === FORWARDED && firstAddress(quoted.text) === '') {
      return undefined;
    }
    return quoted.text === '-' ? '' : quoted.text;
  }
}

const FORWARDED = 'x-forwarded-for';
const COMBINED = ['referer', 'user-agent', FORWARDED];

/** The next text in quotes, in which a backslash may guard a quote. */
function quotedAfter(
  line: string,
  from: number,
): { text: string; end: number } | undefined {
  const start = line.indexOf('"', from) + 1;
  if (start === 0) return undefined;
  let end = line.indexOf('"', start);
  while (end >= 0) {
    let slashes = 0;
    while (line[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0)
      return { text: line.slice(start, end), end: end + 1 };
    end = line.indexOf('"', end + 1);
  }
  return undefined;
}

/** Envoy's default format, and Istio's, which has more fields between status and addresses. */
function readEnvoy(line: string): ReadLine {
  const close = line.indexOf(']');
  const atMs = Date.parse(line.slice(1, Math.min(close, 40)));
  const request = quotedAfter(line, close);
  if (close < 0 || !Number.isFinite(atMs) || !request) return undefined;
  const read = requestLine(request.text);
  if (!read) return NO_REQUEST;
  const quoted: string[] = [];
  let next = quotedAfter(line, request.end);
  let end = request.end;
  while (next && quoted.length < 6) {
    quoted.push(next.text);
    end = next.end;
    next = quotedAfter(line, end);
  }
  // Istio puts the reason of a failure first, in quotes, and addresses last.
  const isIstio = quoted.length === 6;
  const [forwarded = '-', agent = '-', id = '-', authority = '-'] = isIstio
    ? quoted.slice(1)
    : quoted;
  const remote = isIstio ? line.slice(end).trim().split(' ', 4)[3] : undefined;
  const told = new Map(
    Object.entries({
      [FORWARDED]: forwarded,
      'user-agent': agent,
      'x-request-id': id,
      host: authority,
    }),
  );
  return {
    ...read,
    atMs,
    address: firstAddress(forwarded) || addressIn(remote ?? ''),
    header: (name) => {
      const value = told.get(name.toLowerCase());
      return value === '-' ? '' : value;
    },
  };
}

const GIN_TIME = /(\d{4})\/(\d\d)\/(\d\d) - (\d\d):(\d\d):(\d\d)/;

/** KrakenD's access log, which is that of gin: `2026/10/10 - 13:55:36 | 200 | 1.2ms | 192.0.2.1 | GET "/a"`. */
function readGin(line: string): ReadLine {
  const fields = line.split('|', 6);
  const match = GIN_TIME.exec(fields[0].slice(0, 200));
  if (fields.length < 5 || !match) return NO_REQUEST;
  const [year, month, day, h, m, s] = match.slice(1).map(Number);
  const space = fields[4].trimStart().indexOf(' ');
  const written = fields[4].trimStart();
  const target = line.slice(line.indexOf(written) + space).trim();
  const path = target.startsWith('"') ? quotedAfter(target, 0)?.text : target;
  const read = parseTarget(written.slice(0, space), path ?? '');
  if (!read) return undefined;
  return {
    ...read,
    atMs: Date.UTC(year, month - 1, day, h, m, s),
    isWholeSecond: true,
    address: addressIn(fields[3].trim()),
  };
}

const BALANCER_TYPES = /^(?:https?|h2|grpcs|wss?)$/;

/** AWS load balancers: application (with a type before the time) and classic ones. */
function readLoadBalancer(line: string): ReadLine {
  const quote = line.indexOf('"');
  if (quote < 0) return undefined;
  const tokens = line.slice(0, Math.min(quote, 400)).trimEnd().split(' ');
  const hasType = BALANCER_TYPES.test(tokens[0]);
  const at = hasType ? 1 : 0;
  const atMs = isIsoTime(tokens[at] ?? '', 0) ? Date.parse(tokens[at]) : NaN;
  if (!Number.isFinite(atMs) || tokens.length < at + 11) return undefined;
  const request = quotedAfter(line, quote);
  const agent = request && quotedAfter(line, request.end);
  if (!request || !agent) return undefined;
  const read = requestLine(request.text);
  if (!read) return NO_REQUEST;
  const created = hasType ? creationMs(line, agent.end) : undefined;
  return {
    ...read,
    atMs: created ?? atMs,
    address: addressBeforePort(tokens[at + 2]),
    header: (name) =>
      name.toLowerCase() === 'user-agent' ? agent.text : undefined,
  };
}

/** When the request came; the time in front is that of its answer. */
function creationMs(line: string, from: number): number | undefined {
  for (let i = 0, at = from; i < 24; i++) {
    at = line.indexOf(' ', at) + 1;
    if (at === 0) return undefined;
    if (!isIsoTime(line, at)) continue;
    const ms = Date.parse(line.slice(at, line.indexOf(' ', at)));
    return Number.isFinite(ms) ? ms : undefined;
  }
  return undefined;
}

/** morgan's `dev`, `tiny` and `short`, which have no time: `GET /a 200 5.1 ms - 12`. */
function readMorgan(line: string): ReadLine {
  if (!line.endsWith(' ms') && !line.includes(' ms - ')) return undefined;
  const tokens = line.split(' ', 12);
  const start = tokens.findIndex((token) => /^[A-Z][A-Z-]*$/.test(token));
  // `short` begins with address and user.
  if (start !== 0 && start !== 2) return undefined;
  const [method, target = '', third, fourth] = tokens.slice(start);
  const status = third?.startsWith('HTTP/') ? fourth : third;
  if (!/^(?:\d{3}|-)$/.test(status ?? '')) return undefined;
  const read = parseTarget(method, target);
  const address = start === 2 ? addressIn(tokens[0]) : '';
  return read && { ...read, address };
}
