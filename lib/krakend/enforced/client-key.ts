import { KrakendStrategy } from './rate-limit.js';

/** A request as far as it says who is calling. */
export interface KeyedRequest {
  /** The first line of a header; nothing when there is none. */
  header(name: string): string | undefined;
  /** A parameter of the path. */
  param(name: string): string | undefined;
  /** The address of the connection, or of whom the framework trusts it to come from. */
  readonly address: string;
}

/** Who is calling, as KrakenD reads it. An empty answer is refused with 429. */
export function clientKey(
  strategy: KrakendStrategy,
  key: string,
  request: KeyedRequest,
): string {
  switch (strategy) {
    case 'header':
      return (key !== '' && request.header(key)) || '';
    case 'param':
      return request.param(key) ?? '';
    case 'ip':
      return (key !== '' && addressIn(request.header(key))) || request.address;
  }
}

const IPV4 =
  /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** The first address of a list, without its port. What stands before a colon is never an IPv6 address. */
function addressIn(value: string | undefined): string | undefined {
  const [first] = (value ?? '').split(',');
  const [host] = first.trim().split(':');
  return IPV4.test(host) ? host : undefined;
}
