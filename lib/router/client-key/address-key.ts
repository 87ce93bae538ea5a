import ipaddr from 'ipaddr.js';
import { isIPv4, isIPv6 } from 'node:net';

const V4_MAPPED = '::ffff:';

/**
 * The key of an address: IPv4 unchanged, also when mapped into IPv6; IPv6
 * reduced to its network. A port, which some proxies add, is dropped. Anything
 * else that a trusted proxy may have passed on isn't an address, and so has no
 * key.
 */
export function addressKey(address: string, ipv6Prefix: number): string {
  const plain = address.startsWith(V4_MAPPED)
    ? address.slice(V4_MAPPED.length)
    : address;
  return isIPv4(plain) ? plain : portlessKey(address, ipv6Prefix);
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
const WITH_PORT = /^(?:([\d.]+)|\[([^\]]+)\]):\d+$/;

function portlessKey(address: string, ipv6Prefix: number): string {
  const [, v4, v6 = address] = WITH_PORT.exec(address) ?? [];
  if (v4 !== undefined) return isIPv4(v4) ? v4 : '';
  return networkKey(v6, ipv6Prefix);
}

function networkKey(address: string, ipv6Prefix: number): string {
  const [plain] = address.split('%', 1);
  if (!isIPv6(plain)) return '';
  const parsed = ipaddr.IPv6.parse(plain);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  const network = ipaddr.IPv6.networkAddressFromCIDR(`${plain}/${ipv6Prefix}`);
  return `${network.toString()}/${ipv6Prefix}`;
}
