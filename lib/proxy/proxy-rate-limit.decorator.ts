import { BackendLimitOptions } from '../config/schema/backend.schema.js';
import { LimitText } from '../config/schema/limit-text.js';
import { callScope } from '../context/call-scope.js';
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
  limit: BackendLimitOptions | LimitText,
): ClassDecorator & MethodDecorator {
  return (
    target: object,
    _key?: string | symbol,
    descriptor?: PropertyDescriptor,
  ) => {
    if (descriptor) {
      const entry = { backend, limit };
      descriptor.value = limited(
        descriptor.value as Method,
        entry,
        target.constructor,
      );
    } else {
      limitMethods((target as Function).prototype as object, backend, limit);
    }
  };
}

type Method = (this: object | undefined, ...args: unknown[]) => unknown;

function limitMethods(
  prototype: object,
  backend: string,
  limit: BackendLimitOptions | LimitText,
): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
    if (name === 'constructor' || typeof descriptor.value !== 'function')
      continue;
    const entry = { backend, limit };
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
