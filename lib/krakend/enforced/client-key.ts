import { KrakendStrategy } from './rate-limit.js';

/** The parts of a request that can identify its client. */
export interface KeyedRequest {
  /** The first value of a header; `undefined` if the request doesn't have it. */
  header(name: string): string | undefined;
  /** A route parameter. */
  param(name: string): string | undefined;
  /** The client's address, as determined by the framework's proxy trust settings. */
  readonly address: string;
}

/** Returns the client key as KrakenD reads it. KrakenD refuses an empty key with 429. */
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

/** Returns the first address of a list, without its port. The part before a colon is never an IPv6 address. */
function addressIn(value: string | undefined): string | undefined {
  const [first] = (value ?? '').split(',');
  const [host] = first.trim().split(':');
  return IPV4.test(host) ? host : undefined;
}
