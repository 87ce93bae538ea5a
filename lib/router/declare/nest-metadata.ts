import { RequestMapping, RequestMethod } from '@nestjs/common';
import { Marks } from '../../config/application-classes.js';
import { seeDocs } from '../../core/docs-address.js';

/**
 * The metadata keys under which Nest's decorators describe handlers and
 * controllers. `checkNestMetadata` compares them with the installed decorators.
 */
export const PATH = 'path';
export const METHOD = 'method';
export const HOST = 'host';
/** What `@Header` adds to responses, before any interceptor. */
export const HEADERS = '__headers__';
export const VERSION = '__version__';
export const MODULE_PATH = '__module_path__';
export const PATTERNS = 'microservices:pattern';
export const HANDLER_TYPE = 'microservices:handler_type';
export const MESSAGE = 'message';
export const GRAPHQL_TYPE = 'graphql:resolver_type';
/** What `@EventPattern` writes into {@link HANDLER_TYPE}, where `@MessagePattern` writes 1. */
export const EVENT = 2;

/** Whether a method serves requests of any transport. */
export function isHandler(marks: Marks): boolean {
  return marks.includes(PATH) || isHandlerElsewhere(marks);
}

/** Whether a method serves requests of a transport other than HTTP. */
export function isHandlerElsewhere(marks: Marks): boolean {
  return (
    marks.includes(PATTERNS) ||
    marks.includes(MESSAGE) ||
    marks.includes(GRAPHQL_TYPE)
  );
}

/** The value that a decorator left, including inherited ones. */
export function metadataOf<Value>(
  key: string,
  target: Function,
): Value | undefined {
  return Reflect.getMetadata(key, target) as Value | undefined;
}

/**
 * Verifies that routes can be read: with a Nest that uses other keys, an
 * application must not start with limits that match no route.
 *
 * @throws Error if the installed Nest describes routes differently
 */
export function checkNestMetadata(): void {
  class Probe {
    handle() {}
  }
  const { value: handler } = Object.getOwnPropertyDescriptor(
    Probe.prototype,
    'handle',
  ) as { value: Function };
  RequestMapping({ path: 'probe', method: RequestMethod.PUT })(
    Probe.prototype,
    'handle',
    { value: handler },
  );
  const isKnown =
    metadataOf(PATH, handler) === 'probe' &&
    metadataOf(METHOD, handler) === RequestMethod.PUT;
  if (isKnown) return;
  throw new Error(
    `nestjs-floodgate cannot read the routes of this version of @nestjs/common, so it would limit none of them. Use a version that its peerDependencies name. ${seeDocs('errors', 'nest-version-not-supported')}`,
  );
}
