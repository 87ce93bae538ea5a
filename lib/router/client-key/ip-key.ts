import { ExecutionContext } from '@nestjs/common';
import { addressKey } from './address-key.js';
import { ClientKeyReader } from './client-key.js';
import { transportOf } from '../transport/transports.js';
import { ProxyTrust } from './proxy-trust.js';
import { remembered } from './remembered.js';

/** An IPv6 address with its zone and a port. */
const LONGEST = 80;

/** The framework's trusted address; IPv6 clients are told apart by their network, since one customer is given a whole /64 or more. */
export function ipKeyReader(
  ipv6Prefix: number,
  trust: ProxyTrust,
): ClientKeyReader {
  const keyOf = addressKeys(ipv6Prefix);
  return (context: ExecutionContext) => {
    const sender = transportOf(context).sender(context);
    trust.watch(sender);
    const { ip } = sender;
    return !ip || ip.length > LONGEST ? '' : keyOf(ip);
  };
}

/** Enough for the connections that are in use at a time, at a quarter of a megabyte. */
const REMEMBERED = 4096;

/** By prefix: all limits of a process read addresses alike. */
const readers = new Map<number, (address: string) => string>();

/**
 * Reads addresses, which takes microseconds where they are of IPv6. What was
 * read is kept by address and not by socket, so that it serves as well where the
 * address came through a proxy.
 */
function addressKeys(ipv6Prefix: number): (address: string) => string {
  const known = readers.get(ipv6Prefix);
  if (known) return known;
  const made = remembered(
    (address) => addressKey(address, ipv6Prefix),
    REMEMBERED,
  );
  readers.set(ipv6Prefix, made);
  return made;
}
