import { ExecutionContext } from '@nestjs/common';
import { KeyFunction } from '../../config/schema/limit-fields.js';

/** Asks a function once for each request, although both the tier and its bucket need the key. */
export function rememberedKey(keyOf: KeyFunction): KeyFunction {
  const known = new WeakMap<ExecutionContext, ReturnType<KeyFunction>>();
  return (context) => {
    if (known.has(context)) return known.get(context);
    const key = keyOf(context);
    known.set(context, key);
    return key;
  };
}
