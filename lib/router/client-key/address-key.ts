import ipaddr from 'ipaddr.js';
import { isIPv4, isIPv6 } from 'node:net';

const V4_MAPPED = '::ffff:';

/**
 * The key of an address: IPv4 as it is, also when mapped into IPv6; IPv6 cut to
 * its network. A port, which some proxies add, is left out. Anything else that a
 * trusted proxy may have passed on is no address, and so no key.
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

/** An IPv6 address with its zone and a port. */
const LONGEST = 80;

/** Enough for the connections that are in use at a time, at a quarter of a megabyte. */
const REMEMBERED = 4096;

/**
 * Reads the addresses of one application. Parsing an IPv6 address takes
 * microseconds, so results are kept: by address and not by socket, which serves
 * as well where the address came through a proxy.
 */
export class AddressKeys {
  private readonly readers = new Map<number, (address: string) => string>();

  /** The reader for a prefix; all limits with the same prefix share it. */
  reader(ipv6Prefix: number): (address: string) => string {
    const known = this.readers.get(ipv6Prefix);
    if (known) return known;
    const keyOf = memoize(
      (address) => addressKey(address, ipv6Prefix),
      REMEMBERED,
    );
    const made = (address: string) =>
      address.length > LONGEST ? '' : keyOf(address);
    this.readers.set(ipv6Prefix, made);
    return made;
  }
}

/**
 * Keeps what was made of the latest texts, at most twice `bound` of them: a
 * text that comes again while `bound` others do is not lost.
 */
export function memoize(
  make: (text: string) => string,
  bound: number,
): (text: string) => string {
  let young = new Map<string, string>();
  let old = young;
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const own = ownText(text);
    const made = old.get(own) ?? make(own);
    if (young.size >= bound) {
      old = young;
      young = new Map();
    }
    young.set(own, made);
    return made;
  };
}

/** The shortest text that V8 may keep as a slice of another. */
const SHORTEST_SLICE = 13;

/** A copy in memory of its own: a text cut from a long header would keep all of it alive. */
function ownText(text: string): string {
  if (text.length < SHORTEST_SLICE) return text;
  return JSON.parse(JSON.stringify(text)) as string;
}
