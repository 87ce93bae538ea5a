import { ServedRoute } from '../configured/served-routes.js';

/** What transports leave on their handlers, by the names that Nest gives it. */
const PATTERNS = 'microservices:pattern';
const HANDLER_TYPE = 'microservices:handler_type';
const MESSAGE = 'message';
const GRAPHQL_TYPE = 'graphql:resolver_type';
const GRAPHQL_NAME = 'graphql:resolver_name';
const GRAPHQL_FIELD = 'graphql:resolve_property';
/** What `@EventPattern` says in {@link HANDLER_TYPE}. */
const EVENT = 2;

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

/** Whether requests of any transport come to a method. */
export function isServed(handler: Function): boolean {
  return ['path', PATTERNS, MESSAGE, GRAPHQL_TYPE].some((mark) =>
    Reflect.hasMetadata(mark, handler),
  );
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
