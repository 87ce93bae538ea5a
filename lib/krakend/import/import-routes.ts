import { fieldOf, printed, Section, sectionOf } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';
import {
  FileContext,
  importEndpoint,
  RouteOptions,
} from './import-endpoint.js';

const METHODS = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** Imports all endpoints, by method and path. */
export function importRoutes(
  root: Section,
  file: FileContext,
  place: Place,
): Record<string, RouteOptions> {
  const written = fieldOf(root, 'endpoints');
  const endpoints = Array.isArray(written) ? written : [];
  const routes = new Map<string, RouteOptions>();
  const shapes = new Map<string, string>();
  endpoints.forEach((item: unknown, i) => {
    const at = place.at('endpoints').at(i);
    const endpoint = sectionOf(item);
    const key = endpoint && keyOf(endpoint);
    if (!endpoint || !key) {
      at.remark('endpoint-not-imported', {
        written: shown(endpoint ? fieldOf(endpoint, 'endpoint') : item),
        enforced: 'KrakenD does not start with such an endpoint.',
        fix: 'Write endpoint: a path without blanks, and method: an HTTP method.',
      });
      return;
    }
    const shape = key.replaceAll(/\{[^{}/]+\}|:\w+/g, ':');
    const first = shapes.get(shape);
    if (first !== undefined) {
      remarkOnSecond(key, first, at.about(key));
      return;
    }
    shapes.set(shape, key);
    routes.set(key, importEndpoint(endpoint, key, file, at.about(key)));
  });
  return Object.fromEntries(routes);
}

function remarkOnSecond(key: string, first: string, place: Place): void {
  place.remark('endpoint-twice', {
    written: `${key} beside ${first}`,
    enforced: 'KrakenD does not start. The first is imported.',
    fix: 'Keep one of them.',
  });
}

/** `GET /products/{id}`; nothing for what is no endpoint. */
function keyOf(endpoint: Section): string | undefined {
  const path = fieldOf(endpoint, 'endpoint');
  if (typeof path !== 'string' || path === '' || /\s/.test(path)) {
    return undefined;
  }
  const method =
    printed(fieldOf(endpoint, 'method') ?? 'GET').toUpperCase() || 'GET';
  if (!METHODS.has(method)) return undefined;
  return `${method} ${path.startsWith('/') ? path : `/${path}`}`;
}
