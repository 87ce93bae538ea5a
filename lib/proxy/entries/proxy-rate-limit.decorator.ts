import { UseGuards } from '@nestjs/common';
import { BackendLimitOptions } from '../../config/schema/backend-limit.schema.js';
import { LimitText } from '../../config/schema/limit-text.js';
import { callScope } from '../../http/call-scope.js';
import { markCopy } from '../../config/application-classes.js';
import { requireBackend } from '../inject-backend.decorator.js';
import { EarlyRefusalGuard } from './early-refusal.guard.js';
import { ENTRIES, Entry } from './entry.js';
import { inScope } from './in-scope.js';

/**
 * Limits the calls of the decorated method to a backend, in addition to the
 * backend's own limit. Each method has its own bucket. Use it on a handler, on
 * any provider method, or on a class to decorate each of its methods.
 *
 * All calls to the backend made while the method runs count, also after an
 * `await`. With nested decorated methods, the innermost one for the backend
 * applies. The application does not start when the backend is not configured or
 * the limit is invalid.
 *
 * @param backend the name of the backend in the configuration
 * @param limit the rate limit, as options or as a string such as `'100/1m'`
 * @example
 * ```ts
 * @ProxyRateLimit('catalog', { maxRate: 2, capacity: 2 })
 * products() { return this.catalog.get('/products'); }
 * ```
 */
export function ProxyRateLimit(
  backend: string,
  limit: EntryOptions | LimitText,
): ClassDecorator & MethodDecorator {
  const written = { backend, ...writtenEntry(limit) };
  return (
    target: object,
    key?: string | symbol,
    descriptor?: PropertyDescriptor,
  ) => {
    if (descriptor) {
      const entry = { ...written };
      descriptor.value = limited(
        descriptor.value as Method,
        entry,
        target.constructor,
      );
      requireBackend(backend, target);
    } else {
      const prototype = (target as Function).prototype as object;
      limitMethods(prototype, written);
      requireBackend(backend, prototype);
    }
    if (written.refuseEarly) refuseEarlyAt(target, key, descriptor);
  };
}

/** The options of `@ProxyRateLimit`: those of its limit, and `refuseEarly`. */
export type EntryOptions = Exclude<BackendLimitOptions, string> & {
  /** Responds with 503 and Retry-After before the handler runs if the call would be rejected anyway. Only on handlers and controllers. Default false. */
  readonly refuseEarly?: boolean;
};

function writtenEntry(options: EntryOptions | LimitText) {
  if (typeof options !== 'object' || options === null)
    return { limit: options };
  const { refuseEarly, ...limit } = options;
  return { limit: limit as BackendLimitOptions, refuseEarly };
}

function refuseEarlyAt(
  target: object,
  key: string | symbol | undefined,
  descriptor: PropertyDescriptor | undefined,
): void {
  const bind = UseGuards(EarlyRefusalGuard) as ClassDecorator & MethodDecorator;
  bind(target as never, key as never, descriptor as never);
}

type Method = (this: object | undefined, ...args: unknown[]) => unknown;

function limitMethods(prototype: object, written: Entry): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
    if (name === 'constructor' || typeof descriptor.value !== 'function')
      continue;
    const entry = { ...written };
    descriptor.value = limited(
      descriptor.value as Method,
      entry,
      prototype.constructor,
    );
    Object.defineProperty(prototype, name, descriptor);
  }
}

/** @param home the class that declares the method; the owner when it is called without `this` */
function limited(method: Method, entry: Entry, home: Function): Method {
  const wrapper: Method = function (this: object | undefined, ...args) {
    const scope = callScope.getStore();
    const frame = {
      backend: entry.backend,
      entry,
      owner: this?.constructor ?? home,
      outer: scope?.frame,
    };
    return inScope({ ...scope, frame }, () => method.apply(this, args));
  };
  copyIdentity(method, wrapper);
  const inner = (Reflect.getMetadata(ENTRIES, method) ?? []) as Entry[];
  Reflect.defineMetadata(ENTRIES, [entry, ...inner], wrapper);
  markCopy(wrapper);
  return wrapper;
}

/** Copies name, length and metadata: Nest and other libraries attach metadata to the function. */
function copyIdentity(from: Method, to: Method): void {
  Object.defineProperties(to, {
    name: { value: from.name, configurable: true },
    length: { value: from.length, configurable: true },
  });
  for (const key of Reflect.getMetadataKeys(from) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
  }
}
