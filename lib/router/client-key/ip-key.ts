import { ExecutionContext } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { isIPv4, isIPv6 } from 'node:net';
import { ClientKeyReader } from './client-key.js';
import { HttpCaller, ProxyTrust } from './proxy-trust.js';

const V4_MAPPED = '::ffff:';
/** An IPv6 address with its zone and a port. */
const LONGEST = 80;

/** The framework's trusted address; IPv6 clients are told apart by their network, since one customer is given a whole /64 or more. */
export function ipKeyReader(
  ipv6Prefix: number,
  trust: ProxyTrust,
): ClientKeyReader {
  // Callers on a kept-alive connection come in runs, and an IPv6 address takes microseconds to read.
  let lastAddress: string | undefined;
  let lastKey = '';
  return (context: ExecutionContext) => {
    if (context.getType() !== 'http') return '';
    const request = context.getArgByIndex<HttpCaller>(0);
    trust.watch(request);
    const { ip } = request;
    if (ip !== lastAddress) {
      lastKey = addressKey(ip, ipv6Prefix);
      lastAddress = ip;
    }
    return lastKey;
  };
}

/**
 * The key of an address: IPv4 as it is, also when mapped into IPv6; IPv6 cut to
 * its network. A port, which some proxies add, is left out. Anything else that a
 * trusted proxy may have passed on is no address, and so no key.
 */
export function addressKey(
  address: string | undefined,
  ipv6Prefix: number,
): string {
  if (!address || address.length > LONGEST) return '';
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
