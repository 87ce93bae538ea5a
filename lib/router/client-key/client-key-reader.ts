import { ExecutionContext } from '@nestjs/common';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { boundedKey } from './bounded-key.js';
import { ClientKeyReader } from './client-key.js';
import { ipKeyReader } from './ip-key.js';
import { ProxyTrust } from './proxy-trust.js';

/** The reader for a limit's strategy. */
export function clientKeyReader(
  limit: RouterLimit,
  trust: ProxyTrust,
): ClientKeyReader {
  const { strategy = 'ip', key = '', ipv6Prefix = 64 } = limit;
  if (strategy === 'ip') return ipKeyReader(ipv6Prefix, trust);
  if (strategy === 'header') return headerKeyReader(key);
  if (strategy === 'param') return paramKeyReader(key);
  return (context) => {
    const key = strategy(context);
    return typeof key === 'object'
      ? Promise.resolve(key).then(boundedKey)
      : boundedKey(key);
  };
}

interface HttpRequest {
  headers?: Readonly<Record<string, unknown>>;
  params?: unknown;
}

function requestOf(context: ExecutionContext): HttpRequest {
  return context.getType() === 'http' ? context.getArgByIndex(0) : {};
}

function headerKeyReader(name: string): ClientKeyReader {
  const header = name.toLowerCase();
  return (context) => boundedKey(ownValue(requestOf(context).headers, header));
}

function paramKeyReader(name: string): ClientKeyReader {
  return (context) => boundedKey(ownValue(requestOf(context).params, name));
}

/** Names such as `constructor` must not reach what every object inherits. */
function ownValue(values: unknown, name: string): unknown {
  return typeof values === 'object' &&
    values !== null &&
    Object.hasOwn(values, name)
    ? (values as Record<string, unknown>)[name]
    : undefined;
}
