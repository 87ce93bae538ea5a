import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { clientKey } from '../../krakend/enforced/client-key.js';
import { madeStrategy } from '../../krakend/strategies.js';
import { addressKey } from '../../router/client-key/address-key.js';
import { boundedKey } from '../../router/client-key/bounded-key.js';
import { RoutedRequest } from './request.js';

/** Who is asking: empty where the request does not say, nothing where the traffic does not tell. */
export type KeyOf = (request: RoutedRequest) => string | undefined;

/** Where a key stands. */
export type KeySource = Pick<RouterLimit, 'strategy' | 'key' | 'ipv6Prefix'>;

const CLIENT_PREFIX = 64;

/** Reads keys as the router does; nothing for a function, which has no request to look at. */
export function keyReader(source: KeySource): KeyOf | undefined {
  const { strategy = 'ip', key = '', ipv6Prefix = CLIENT_PREFIX } = source;
  if (strategy === 'ip') return (request) => addressOf(request, ipv6Prefix);
  if (strategy === 'param') return ({ params }) => boundedKey(params[key]);
  if (strategy === 'header') {
    return ({ header }) => {
      const value = header?.(key);
      return value === undefined ? undefined : boundedKey(value);
    };
  }
  const made = madeStrategy(strategy);
  if (made === undefined) return undefined;
  return made.header === undefined ? () => '' : addressIn(made.header);
}

/** What is no address stands for itself: logs may hold names, and made traffic does. */
export function addressOf(
  { address }: RoutedRequest,
  ipv6Prefix = CLIENT_PREFIX,
): string | undefined {
  return addressKey(address, ipv6Prefix) || boundedKey(address) || undefined;
}

function addressIn(name: string): KeyOf {
  return (request) => {
    const value = request.header?.(name);
    if (value === undefined) return undefined;
    const key = clientKey('ip', name, {
      header: () => value,
      param: () => undefined,
      address: request.address,
    });
    return boundedKey(key) || undefined;
  };
}
