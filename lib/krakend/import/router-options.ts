import { Section } from '../enforced/go-value.js';
import { Place, shown } from '../krakend-finding.js';
import {
  ROUTER_OPTIONS_NAMES,
  sectionNamed,
} from '../sections/known-sections.js';
import { sectionAt } from './fields.js';

type Kind = 'flag' | 'int' | 'text' | 'texts';

const KINDS = new Map<string, Kind>([
  ['app_engine', 'flag'],
  ['auto_options', 'flag'],
  ['disable_access_log', 'flag'],
  ['disable_handle_method_not_allowed', 'flag'],
  ['disable_health', 'flag'],
  ['disable_path_decoding', 'flag'],
  ['disable_redirect_fixed_path', 'flag'],
  ['disable_redirect_trailing_slash', 'flag'],
  ['forwarded_by_client_ip', 'flag'],
  ['health_path', 'text'],
  ['hide_version_header', 'flag'],
  ['logger_skip_paths', 'texts'],
  ['max_multipart_memory', 'int'],
  ['remote_ip_headers', 'texts'],
  ['remove_extra_slash', 'flag'],
  ['return_error_msg', 'flag'],
  ['trusted_proxies', 'texts'],
  ['use_h2c', 'flag'],
]);

/** Who can set the client address that KrakenD uses. */
export interface AddressTrust {
  /** The headers with which anyone can forge an address; `undefined` if nobody can. */
  readonly forgedBy?: string;
}

/** Reads which proxies KrakenD trusts; by default, it trusts everyone. */
export function addressTrust(
  extra: Section,
  version: 2 | 3,
  place: Place,
): AddressTrust {
  const name = sectionNamed(ROUTER_OPTIONS_NAMES, extra, version);
  const section =
    name === undefined ? undefined : sectionAt(extra, name, place);
  const inside = name === undefined ? place : place.at(name);
  const options = section ? typedOptions(section, inside) : new Map();
  if (options.get('app_engine') === true) {
    return { forgedBy: 'X-Appengine-Remote-Addr' };
  }
  if (options.get('forwarded_by_client_ip') === false) return {};
  const headers = textsIn(options, 'remote_ip_headers');
  const proxies = textsIn(options, 'trusted_proxies');
  if (proxies.length > 0) reportProxies(proxies, headers, inside);
  if (proxies.length > 0 && !proxies.some(isEverybody)) return {};
  return { forgedBy: headers.join(' and ') || 'X-Forwarded-For' };
}

/** KrakenD decodes the section as a whole: if one value has the wrong type, it ignores all of them. */
function typedOptions(
  section: Section,
  place: Place,
): ReadonlyMap<string, unknown> {
  const written = Object.entries(section).map(
    ([key, value]) => [key.toLowerCase(), value] as const,
  );
  const wrong = written.find(
    ([key, value]) => !isOfKind(KINDS.get(key), value),
  );
  if (!wrong) return new Map(written);
  const [key, value] = wrong;
  place.at(key).report('router-options-dropped', {
    written: `${key}: ${shown(value)}`,
    enforced:
      'It is of the wrong type, so KrakenD ignores the whole section without a word: trusted_proxies and forwarded_by_client_ip too.',
    fix: `Write ${WANTED[KINDS.get(key) ?? 'text']}.`,
  });
  return new Map();
}

const WANTED = {
  flag: 'true or false',
  int: 'a whole number',
  text: 'a string',
  texts: 'a list of strings',
} as const satisfies Record<Kind, string>;

function isOfKind(kind: Kind | undefined, value: unknown): boolean {
  if (kind === undefined || value === null) return true;
  switch (kind) {
    case 'flag':
      return typeof value === 'boolean';
    case 'int':
      return Number.isInteger(value);
    case 'text':
      return typeof value === 'string';
    case 'texts':
      return (
        Array.isArray(value) &&
        value.every((v) => typeof v === 'string' || v === null)
      );
  }
}

function textsIn(
  options: ReadonlyMap<string, unknown>,
  field: string,
): string[] {
  const value = options.get(field);
  return Array.isArray(value) ? value.map((text) => String(text ?? '')) : [];
}

/** A shorter prefix covers a large part of the internet. */
const SHORTEST_PREFIX = 8;

function isEverybody(proxy: string): boolean {
  const [, bits] = /\/(\d+)$/.exec(proxy) ?? [];
  return bits !== undefined && Number(bits) < SHORTEST_PREFIX;
}

function reportProxies(
  proxies: readonly string[],
  headers: readonly string[],
  place: Place,
): void {
  const other = headers.filter(
    (name) => name.toLowerCase() !== 'x-forwarded-for',
  );
  place.at('trusted_proxies').report('trusted-proxies', {
    written: `trusted_proxies: ${shown(proxies)}`,
    enforced: `Only these may say in ${headers.join(' or ') || 'X-Forwarded-For or X-Real-IP'} whom they forward. Here your framework decides whom it believes.`,
    fix:
      other.length > 0 && other.length === headers.length
        ? `Name them to Express (trust proxy) or Fastify (trustProxy); both read X-Forwarded-For, so have your proxies send it beside ${other.join(' and ')}.`
        : 'Name them to Express (trust proxy) or Fastify (trustProxy); otherwise all clients behind one proxy share a bucket.',
  });
}
