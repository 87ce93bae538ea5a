/** Begins a span and tells how to end it. */
type BeginSpan = (name: string) => () => void;

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Decorates instances for `instrument`: each call of a method of theirs is a
 * span that ends when the method has returned, or its promise has settled.
 *
 * @param keepsMetadata whether the wrapper of a method carries its metadata
 */
export function spanEachCall(begin: BeginSpan, keepsMetadata: boolean) {
  return (instance: unknown): unknown =>
    isOfClass(instance)
      ? new Proxy(instance, callsIn(instance, begin, keepsMetadata))
      : instance;
}

function isOfClass(instance: unknown): instance is object {
  if (typeof instance !== 'object' || instance === null) return false;
  const prototype = Object.getPrototypeOf(instance) as object | null;
  if (prototype === null || prototype === Object.prototype) return false;
  return /^class\b/.test(String(prototype.constructor));
}

function callsIn(
  instance: object,
  begin: BeginSpan,
  keepsMetadata: boolean,
): ProxyHandler<object> {
  const wrappers = new WeakMap<Method, Method>();
  const wrap = (method: Method, name: string): Method => {
    const wrapper: Method = function (...args) {
      const end = begin(name);
      return ended(() => method.apply(instance, args), end);
    };
    Object.defineProperty(wrapper, 'name', { value: method.name });
    if (keepsMetadata) copyMetadata(method, wrapper);
    wrappers.set(method, wrapper);
    return wrapper;
  };
  return {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || name === 'constructor') return value;
      if (/^class\b/.test(String(value))) return value;
      const method = value as Method;
      const spanName = `${instance.constructor.name}.${String(name)}`;
      return wrappers.get(method) ?? wrap(method, spanName);
    },
  };
}

/** Calls, and ends the span when the call is over. */
function ended(call: () => unknown, end: () => void): unknown {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    end();
    throw error;
  }
  if (!(result instanceof Promise)) {
    end();
    return result;
  }
  return result.finally(end);
}

/** What tracers do, so that guards and routes of Nest still find their marks. */
export function copyMetadata(from: object, to: object): void {
  for (const key of Reflect.getMetadataKeys(from) as string[]) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
  }
}
