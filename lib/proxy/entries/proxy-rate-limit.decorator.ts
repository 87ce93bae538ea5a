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
 * Limits what the decorated method sends to a backend, with a bucket of its
 * own, counted apart from every other method's and shared with nobody. Stands
 * on a handler, on any provider method, or on a class for each of its methods.
 *
 * Calls to the backend made while the method runs, also after an `await`, draw
 * from the innermost decorated method that names the backend.
 *
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

/** The options of an entry: those of its limit, and what becomes of requests where the backend could not be called. */
export type EntryOptions = Exclude<BackendLimitOptions, string> & {
  /** Answers 503 with Retry-After before the handler runs, where the backend could not be called anyway. Only on handlers and controllers. Default false. */
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

/** @param home the class that declares the method; of a method called without `this`, its owner */
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

/** Nest and others keep what they know of a method on its function. */
function copyIdentity(from: Method, to: Method): void {
  Object.defineProperties(to, {
    name: { value: from.name, configurable: true },
    length: { value: from.length, configurable: true },
  });
  for (const key of Reflect.getMetadataKeys(from) as unknown[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
  }
}
