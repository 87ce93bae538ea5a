import { ExecutionContext } from '@nestjs/common';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { boundedKey } from './bounded-key.js';
import { ClientKeyReader } from './client-key.js';
import { ipKeyReader } from './ip-key.js';
import { transportOf } from '../transport/transports.js';
import { ProxyTrust } from './proxy-trust.js';

/** How a key is read; by the address where nothing is said. */
export type KeySource = Pick<RouterLimit, 'strategy' | 'key' | 'ipv6Prefix'>;

/** The reader for a limit's strategy. */
export function clientKeyReader(
  limit: KeySource,
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

const senderOf = (context: ExecutionContext) =>
  transportOf(context).sender(context);

function headerKeyReader(name: string): ClientKeyReader {
  const header = name.toLowerCase();
  return (context) => boundedKey(ownValue(senderOf(context).headers, header));
}

function paramKeyReader(name: string): ClientKeyReader {
  return (context) => boundedKey(ownValue(senderOf(context).params, name));
}

/** Names such as `constructor` must not reach what every object inherits. */
function ownValue(values: unknown, name: string): unknown {
  return typeof values === 'object' &&
    values !== null &&
    Object.hasOwn(values, name)
    ? (values as Record<string, unknown>)[name]
    : undefined;
}
