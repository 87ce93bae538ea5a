import type { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { Steps } from '../../config/steps.js';
import { fieldOf, sectionOf } from '../enforced/go-value.js';
import { Place, shown } from '../krakend-finding.js';
import { PROXY_NAMES, sectionNamed } from '../sections/known-sections.js';
import { reportNames, reportStraySections } from '../sections/name-findings.js';
import { importBackends } from './backends.js';
import { Fields, timeoutNs, timeoutText } from './fields.js';
import { FileContext } from './file-context.js';
import { endpointLimits } from './limits.js';
import { reportPayload, reportServerFields } from './service-settings.js';

type RouteOptions = NonNullable<ThrottleOptions['routes']>[string];

const METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** The number of endpoints to import before yielding. */
const PART = 100;

/** Imports all endpoints, keyed by method and path, and the backends they call. */
export function* importEndpoints(
  file: FileContext,
): Steps<Record<string, RouteOptions>> {
  const routes = new Map<string, RouteOptions>();
  const shapes = new Map<string, string>();
  const list = file.root.list('endpoints');
  for (let i = 0; i < list.length; i++) {
    if (i % PART === PART - 1) yield;
    importItem(list[i], i, routes, shapes, file);
  }
  return Object.fromEntries(routes);
}

function importItem(
  item: unknown,
  i: number,
  routes: Map<string, RouteOptions>,
  shapes: Map<string, string>,
  file: FileContext,
): void {
  const at = file.root.place.at('endpoints').at(i);
  const section = sectionOf(item);
  const endpoint = section && new Fields(section, at);
  const key = endpoint && keyOf(endpoint);
  if (!section || !key) {
    at.report('endpoint-not-imported', {
      written: shown(section ? fieldOf(section, 'endpoint') : item),
      enforced: 'KrakenD does not start with such an endpoint.',
      fix: 'Write endpoint: a path without blanks, and method: an HTTP method.',
    });
    return;
  }
  const shape = key.replaceAll(/\{[^{}/]+\}|:\w+/g, ':');
  const first = shapes.get(shape);
  if (first !== undefined) {
    reportSecond(key, first, at.about(key));
    return;
  }
  shapes.set(shape, key);
  const fields = new Fields(section, at.about(key));
  routes.set(key, importEndpoint(fields, key, file));
}

function importEndpoint(
  endpoint: Fields,
  key: string,
  file: FileContext,
): RouteOptions {
  const { version } = file.dialect;
  const extra = endpoint.object('extra_config');
  const inside = endpoint.place.at('extra_config');
  reportStraySections(endpoint.section, endpoint.place);
  reportNames(extra, 'endpoint', version, inside);
  reportServerFields(endpoint);
  file.unimported.addSections(extra, 'endpoint', version, inside);
  const proxyName = sectionNamed(PROXY_NAMES, extra, version);
  const proxy = sectionOf(extra[proxyName ?? '']) ?? {};
  reportPayload(proxy, file.unimported, inside.at(proxyName ?? 'proxy'));
  const [, path] = key.split(' ');
  const limits = endpointLimits(extra, path, file, inside);
  const ns = timeoutNs(endpoint, file.timeoutNs);
  importBackends(endpoint, proxy, key, ns, file);
  return {
    ...(limits.length > 0 ? { limits } : {}),
    ...(ns === file.timeoutNs ? {} : { timeout: timeoutText(ns) }),
  };
}

function reportSecond(key: string, first: string, place: Place): void {
  place.report('endpoint-twice', {
    written: `${key} beside ${first}`,
    enforced: 'KrakenD does not start. The first is imported.',
    fix: 'Keep one of them.',
  });
}

/** Returns the route, such as `GET /products/{id}`; `undefined` if this is not an endpoint. */
function keyOf(endpoint: Fields): string | undefined {
  const path = endpoint.text('endpoint');
  if (path === '' || /\s/.test(path)) return undefined;
  const method = endpoint.text('method').toUpperCase() || 'GET';
  if (!METHODS.has(method)) return undefined;
  return `${method} ${path.startsWith('/') ? path : `/${path}`}`;
}
