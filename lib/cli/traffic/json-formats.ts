import { logTime, LogTime } from './log-time.js';
import { asFields, clientOf, JsonFields, headerReader } from './json-client.js';
import { NO_REQUEST, ReadLine, requestLine, parseTarget } from './request.js';

/** A line of JSON: what it says itself, or what a log shipper wrapped. */
export type ReadJson =
  | { readonly read: ReadLine }
  | { readonly inner: string; readonly atMs: number | undefined }
  | undefined;

/**
 * Reads a line of JSON, from whatever logger.
 *
 * @param headers the names of those that will be asked for: nothing else of the line is kept
 */
export function readJsonLine(
  line: string,
  headers: readonly string[],
): ReadJson {
  const fields = parsed(line);
  if (!fields) return undefined;
  const read = requestIn(fields, headers);
  if (read !== NO_REQUEST) return { read };
  const inner = WRAPPED.map((name) => fields[name]).find(
    (value) => typeof value === 'string' && value !== '',
  );
  return typeof inner === 'string'
    ? { inner, atMs: timeOf(fields, TIMES)?.atMs }
    : { read };
}

/** What Docker, Fluent Bit, Google Cloud and journald call the line they wrapped. */
const WRAPPED = ['log', 'textPayload', 'MESSAGE', 'message', 'line'];

function parsed(line: string): JsonFields | undefined {
  const value = valueOf(line) ?? valueOf(withJsonEscapes(line));
  return asFields(value);
}

function valueOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** nginx writes `\\x22` unless told `escape=json`, which is no JSON. */
function withJsonEscapes(line: string): string {
  return line.includes('\\x') ? line.replaceAll('\\x', '\\u00') : '';
}

/** Where loggers nest what they tell of a request, and what of its answer. */
const NESTED = ['req', 'request', 'httpRequest', 'properties', 'jsonPayload'];
const ANSWERED = [
  'res',
  'response',
  'responseTime',
  'status',
  'statusCode',
  'duration',
  'httpRequest',
  'properties',
  'jsonPayload',
  'latency',
];

function requestIn(fields: JsonFields, headers: readonly string[]): ReadLine {
  const outer = asFields(fields.meta) ?? fields;
  const name = NESTED.find((key) => asFields(outer[key]));
  const nested = name === undefined ? undefined : asFields(outer[name]);
  if (nested && !isAnswered(outer, fields)) return NO_REQUEST;
  const places = nested ? [nested, outer, fields] : [fields];
  const inner = nested && asFields(nested.httpRequest);
  if (inner) places.unshift(inner);
  const target = targetOf(places);
  if (!target) return NO_REQUEST;
  const { method, path } = target;
  const time = timeIn(places);
  return {
    method,
    path,
    address: clientOf(places),
    atMs: time?.atMs,
    isWholeSecond: time?.isWholeSecond,
    header:
      headers.length === 0
        ? undefined
        : headerReader(places, asFields(fields.request_headers), headers),
  };
}

/**
 * A logger that belongs to one request repeats the request in each of its
 * lines; only one line tells that it was answered, or, of Fastify, that it came.
 */
function isAnswered(outer: JsonFields, fields: JsonFields): boolean {
  const { logger, msg } = fields;
  if (typeof logger === 'string' && logger.startsWith('http.')) {
    return logger.startsWith('http.log.access');
  }
  return (
    msg === 'incoming request' ||
    ANSWERED.some((key) => outer[key] !== undefined)
  );
}

const METHODS = [
  'method',
  'requestMethod',
  'request_method',
  'RequestMethod',
  'httpMethod',
  'http_method',
  'cs-method',
  'ClientRequestMethod',
  'verb',
  'http.request.method',
];
const TARGETS = [
  'requestUrl',
  'originalUrl',
  'url',
  'uri',
  'path',
  'request_uri',
  'requestUri',
  'RequestPath',
  'cs-uri-stem',
  'ClientRequestURI',
  'ClientRequestPath',
  'request_path',
  'url.path',
  'url.original',
];
const LINES = ['request', 'requestLine', 'request_line'];

function targetOf(places: readonly JsonFields[]) {
  for (const place of places) {
    const target = firstText(place, TARGETS);
    const method = firstText(place, METHODS);
    const read =
      target === undefined
        ? requestLine(firstText(place, LINES) ?? '')
        : parseTarget((method ?? methodIn(place)).toUpperCase(), target);
    if (read) return read;
  }
  return undefined;
}

/** The first of these fields that is a text. */
function firstText(
  fields: JsonFields,
  names: readonly string[],
): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** A log of nginx may have path and request line, and no method by itself. */
function methodIn(place: JsonFields): string {
  return requestLine(firstText(place, LINES) ?? '')?.method ?? 'GET';
}

const TIMES = [
  'StartUTC',
  'time',
  'timestamp',
  '@timestamp',
  'ts',
  'msec',
  'time_iso8601',
  'time_local',
  'requestTimeEpoch',
  'requestTime',
  'EdgeStartTimestamp',
  'started_at',
  'date',
  'datetime',
  '__REALTIME_TIMESTAMP',
];

function timeIn(places: readonly JsonFields[]): LogTime | undefined {
  for (let i = places.length - 1; i >= 0; i--) {
    const place = places[i];
    const time = timeOf(place, TIMES);
    if (time) return shifted(time, place);
  }
  return undefined;
}

/** pino and Caddy write when a request has been answered, and how long that took. */
function shifted({ atMs, isWholeSecond }: LogTime, place: JsonFields): LogTime {
  const { responseTime, duration, logger } = place;
  const tookMs =
    typeof responseTime === 'number'
      ? responseTime
      : typeof duration === 'number' && typeof logger === 'string'
        ? duration * 1000
        : 0;
  return {
    atMs: tookMs > 0 && tookMs < 3_600_000 ? atMs - tookMs : atMs,
    isWholeSecond: isWholeSecond && tookMs === 0,
  };
}

function timeOf(
  fields: JsonFields,
  names: readonly string[],
): LogTime | undefined {
  for (const name of names) {
    const value = fields[name];
    const time =
      typeof value === 'number' || typeof value === 'string'
        ? logTime(value, fields.time)
        : undefined;
    if (time) return time;
  }
  return undefined;
}
