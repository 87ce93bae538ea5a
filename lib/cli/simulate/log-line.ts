import { ReplayedRequest } from './request.js';

/** `192.0.2.1 - ann [10/Oct/2026:13:55:36 +0000] "GET /a HTTP/1.1" 200 …`: the common format, and the combined one. */
const COMMON =
  /^(\S+) \S+ .*?\[(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d\d)(\d\d)\] "([A-Z]+) (\S+)[^"]*"/;
const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
];

/** Reads a line of an access log; nothing for one that is none. */
export function readLogLine(line: string): ReplayedRequest | undefined {
  return line.startsWith('{') ? jsonRequest(line) : commonRequest(line);
}

function commonRequest(line: string): ReplayedRequest | undefined {
  const match = COMMON.exec(line);
  if (!match) return undefined;
  const [, address, day, name, year, h, m, s, zoneH, zoneM, method, url] =
    match;
  const month = MONTHS.indexOf(name);
  if (month < 0) return undefined;
  const zoneMinutes = +zoneH * 60 + Math.sign(+zoneH || 1) * +zoneM;
  const atMs = Date.UTC(+year, month, +day, +h, +m, +s) - zoneMinutes * 60_000;
  return { atMs, method, path: pathOf(url), address };
}

type Fields = Readonly<Record<string, unknown>>;

const TIMES = [
  'time',
  'timestamp',
  '@timestamp',
  'ts',
  'date',
  'time_iso8601',
  'msec',
];
const METHODS = ['method', 'request_method', 'verb'];
const PATHS = ['path', 'url', 'uri', 'request_uri'];
const ADDRESSES = [
  'ip',
  'client_ip',
  'clientIp',
  'remote_addr',
  'remoteAddress',
  'remote_ip',
  'client',
];

function jsonRequest(line: string): ReplayedRequest | undefined {
  const fields = parsed(line);
  const atMs = fields && timeMs(first(fields, TIMES));
  if (!fields || atMs === undefined) return undefined;
  const [, method = '', url = ''] =
    /^([A-Z]+) (\S+)/.exec(textOf(fields.request)) ?? [];
  const named = first(fields, METHODS) ?? method;
  const path = first(fields, PATHS) ?? url;
  if (typeof named !== 'string' || typeof path !== 'string' || path === '') {
    return undefined;
  }
  return {
    atMs,
    method: named.toUpperCase() || 'GET',
    path: pathOf(path),
    address: textOf(first(fields, ADDRESSES)),
    header: headerReader(fields),
  };
}

/** The fields of a line, those of the request that some loggers nest among them. */
function parsed(line: string): Fields | undefined {
  try {
    const fields = JSON.parse(line) as Fields | null;
    return { ...(fields?.req as object | undefined), ...fields };
  } catch {
    return undefined;
  }
}

function first(fields: Fields, names: readonly string[]): unknown {
  return names.map((name) => fields[name]).find((value) => value !== undefined);
}

/** Seconds or milliseconds since 1970, or a date that JavaScript reads. */
function timeMs(time: unknown): number | undefined {
  const number = typeof time === 'string' && time !== '' ? Number(time) : time;
  const ms =
    typeof number === 'number' && !Number.isNaN(number)
      ? number < 1e11
        ? number * 1000
        : number
      : Date.parse(textOf(time));
  return Number.isFinite(ms) ? ms : undefined;
}

/** Nothing else is one: what a logger wrote as an object may even have a `toString` of its own. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number'
    ? String(value)
    : '';
}

/** Headers that stand by themselves are all that there were; beside other fields, an absent one may not have been logged. */
function headerReader(fields: Fields): ReplayedRequest['header'] {
  const headers = fields.headers as Fields | null | undefined;
  return typeof headers === 'object' && headers !== null
    ? (name) => headerOf(headers, name) ?? ''
    : (name) => headerOf(fields, name);
}

function headerOf(headers: Fields, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const key = Object.keys(headers).find((key) => key.toLowerCase() === wanted);
  const value = key === undefined ? undefined : headers[key];
  return typeof value === 'string' ? value : undefined;
}

function pathOf(url: string): string {
  const path = url.replace(/^https?:\/\/[^/]*/, '');
  return path.split(/[?#]/, 1)[0] || '/';
}
