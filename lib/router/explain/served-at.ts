import { ServedRoute } from '../declare/served-routes.js';
import {
  EVENT,
  GRAPHQL_TYPE,
  HANDLER_TYPE,
  MESSAGE,
  PATTERNS,
} from '../declare/nest-metadata.js';

const GRAPHQL_NAME = 'graphql:resolver_name';
const GRAPHQL_FIELD = 'graphql:resolve_property';

/** Every way to a handler: `GET /catalog/:id`, `message "order"`, `event "ordered"`, `Query catalog`. */
export function servedAt(
  handler: Function,
  http: readonly ServedRoute[],
): string[] {
  return [
    ...http.map(({ method, path }) => `${method} ${path}`),
    ...rpcPatterns(handler),
    ...messages(handler),
    ...operations(handler),
  ].toSorted();
}

function rpcPatterns(handler: Function): string[] {
  const patterns = metadata<unknown[]>(PATTERNS, handler) ?? [];
  const kind =
    metadata<number>(HANDLER_TYPE, handler) === EVENT ? 'event' : 'pattern';
  return patterns.map((pattern) => `${kind} ${JSON.stringify(pattern)}`);
}

function messages(handler: Function): string[] {
  const message = metadata<unknown>(MESSAGE, handler);
  return message === undefined ? [] : [`message ${JSON.stringify(message)}`];
}

function operations(handler: Function): string[] {
  const type = metadata<string>(GRAPHQL_TYPE, handler);
  if (typeof type !== 'string') return [];
  const name =
    metadata<string>(GRAPHQL_NAME, handler) ??
    metadata<string>(GRAPHQL_FIELD, handler);
  return [`${type} ${typeof name === 'string' ? name : handler.name}`];
}

function metadata<Value>(key: string, handler: Function): Value | undefined {
  return Reflect.getMetadata(key, handler) as Value | undefined;
}
