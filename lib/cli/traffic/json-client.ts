import { addressIn, LoggedRequest } from './request.js';

/** An object of a line of JSON. */
export type JsonFields = Readonly<Record<string, unknown>>;

/** The value as an object; nothing where it is none. */
export function asFields(value: unknown): JsonFields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonFields)
    : undefined;
}

/** JsonFields that hold nothing but a client's address, and may be made unreadable on purpose. */
const ADDRESSES = [
  'client_ip',
  'clientIp',
  'clientIP',
  'ClientIP',
  'ip',
  'remoteIp',
  'remote_ip',
  'remoteAddress',
  'remote_addr',
  'remoteAddr',
  'remote_address',
  'c-ip',
  'ClientHost',
  'sourceIp',
  'sourceIPAddress',
  'client.ip',
  'source.ip',
];
/** JsonFields that may hold one. */
const MAYBE_ADDRESSES = ['ClientAddr', 'client', 'remote', 'remote-addr'];

/** The address of the client, or what stands in its place; empty where the line doesn't tell. */
export function clientOf(places: readonly JsonFields[]): string {
  for (const place of places) {
    for (const name of ADDRESSES) {
      const text = place[name];
      if (typeof text !== 'string' || text === '') continue;
      const address = addressIn(text);
      if (address !== '') return address;
      if (isPseudonym(text)) return text;
    }
    for (const name of MAYBE_ADDRESSES) {
      const value = place[name];
      const address = typeof value === 'string' ? addressIn(value) : '';
      if (address !== '') return address;
    }
  }
  return '';
}

/** What stands in the place of an address so that nobody can read it: a hash, a cut address. Not a port, a time or a host with its port. */
function isPseudonym(text: string): boolean {
  return (
    text.length < 200 &&
    /[a-z]/i.test(text) &&
    !/^(?:-|unknown|null|undefined|none|localhost)$/i.test(text) &&
    !/[:/\s]/.test(text)
  );
}

/** Names that loggers leave out or make unreadable: their absence says nothing. */
const SECRETS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
]);

/** Reads headers of a request, wherever a logger puts them. */
export function headerReader(
  places: readonly JsonFields[],
  more: JsonFields | undefined,
  names: readonly string[],
): LoggedRequest['header'] {
  const headers =
    places.map(({ headers }) => asFields(headers)).find(Boolean) ?? more;
  const values = names.map((name) => headerIn(places, headers, name));
  return (name) => values[names.indexOf(name.toLowerCase())];
}

function headerIn(
  places: readonly JsonFields[],
  headers: JsonFields | undefined,
  name: string,
): string | undefined {
  const value = headers && headerOf(headers, name);
  if (value !== undefined) return readable(value);
  if (headers && !SECRETS.has(name)) return '';
  return places
    .map((place) => beside(place, name))
    .find((text) => text !== undefined);
}

/** Headers that a log tells beside other fields: by their names, as nginx and Traefik call them, or by a field of their own. */
function beside(place: JsonFields, wanted: string): string | undefined {
  const underscored = wanted.replaceAll('-', '_');
  const value =
    headerOf(place, wanted) ??
    headerOf(place, `http_${underscored}`) ??
    headerOf(place, `request_${wanted}`) ??
    (wanted === 'user-agent' ? place.userAgent : undefined);
  return readable(value);
}

function headerOf(fields: JsonFields, wanted: string): unknown {
  if (Object.hasOwn(fields, wanted)) return fields[wanted];
  const key = Object.keys(fields).find((key) => key.toLowerCase() === wanted);
  return key === undefined ? undefined : fields[key];
}

/** The text of a header; nothing where it was made unreadable, for that is nobody's value. */
function readable(value: unknown): string | undefined {
  const text = Array.isArray(value) ? (value[0] as unknown) : value;
  if (typeof text !== 'string') return undefined;
  if (/^\[?redacted\]?$|^\*+$/i.test(text)) return undefined;
  return text === '-' ? '' : text;
}
