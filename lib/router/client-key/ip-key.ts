import { ExecutionContext } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { ClientKeyReader } from './client-key-reader.js';
import { HttpCaller, ProxyTrust } from './proxy-trust.js';

const V4_MAPPED = '::ffff:';

/** The framework's trusted address; IPv6 clients are told apart by their network, since one customer is given a whole /64 or more. */
export function ipKeyReader(
  ipv6Prefix: number,
  trust: ProxyTrust,
): ClientKeyReader {
  return (context: ExecutionContext) => {
    if (context.getType() !== 'http') return '';
    const request = context.getArgByIndex<HttpCaller>(0);
    trust.watch(request);
    return addressKey(request.ip, ipv6Prefix);
  };
}

/** The key of an address: IPv4 as it is, also when mapped into IPv6; IPv6 cut to its network. */
export function addressKey(
  address: string | undefined,
  ipv6Prefix: number,
): string {
  if (!address) return '';
  if (!address.includes(':')) return address;
  if (address.startsWith(V4_MAPPED) && address.includes('.')) {
    return address.slice(V4_MAPPED.length);
  }
  return networkKey(address, ipv6Prefix);
}

function networkKey(address: string, ipv6Prefix: number): string {
  const [plain] = address.split('%', 1);
  if (!ipaddr.IPv6.isValid(plain)) return '';
  const parsed = ipaddr.IPv6.parse(plain);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${plain}/${ipv6Prefix}`);
  return `${network.toString()}/${ipv6Prefix}`;
}
