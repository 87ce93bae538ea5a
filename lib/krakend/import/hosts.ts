import { fieldOf, Section } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';

/** The base URLs of a backend, or of the file where the backend has none; nothing when none can be called. */
export function hostsOf(
  backend: Section,
  root: Section,
  place: Place,
): string[] | undefined {
  const own = listOf(fieldOf(backend, 'host'));
  const written = own.length > 0 ? own : listOf(fieldOf(root, 'host'));
  const hosts = [...new Set(written.flatMap((host) => baseUrl(host) ?? []))];
  if (hosts.length === written.length && hosts.length > 0) return hosts;
  if (new Set(written).size === hosts.length && hosts.length > 0) return hosts;
  place.at('host').remark('backend-not-imported', {
    written: written.length === 0 ? 'no host' : `host: ${shown(written)}`,
    enforced:
      hosts.length > 0
        ? 'Only its http and https hosts are imported.'
        : 'It is called in another way than HTTP, or not at all; it is not imported.',
    fix: 'Write the base URLs of an HTTP service.',
  });
  return hosts.length > 0 ? hosts : undefined;
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** KrakenD puts `http://` before a host without a scheme and cuts a slash after it. */
function baseUrl(host: unknown): string | undefined {
  if (typeof host !== 'string') return undefined;
  const trimmed = host.trim().replace(/\/+$/, '');
  const url = trimmed.includes('://') ? trimmed : `http://${trimmed}`;
  return /^https?:\/\/[\w.[\]:-]+(\/\S*)?$/.test(url) && URL.canParse(url)
    ? url
    : undefined;
}
