import { isIP } from 'node:net';
import * as z from 'zod/mini';

/** A range of IP addresses. */
export interface Network {
  readonly address: string;
  /** The number of leading bits that all its addresses share. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

const NETWORK =
  'an address such as "192.0.2.1", or a range such as "10.0.0.0/8" or "2001:db8::/32"';
const V4_MAPPED = /^::ffff:(?=\d+\.)/i;
const V4_MAPPED_BITS = 96;

/** An IP address, or a range in CIDR notation (RFC 4632). IPv4-mapped IPv6 addresses are treated as IPv4. */
export const network = z.pipe(
  z.string({ error: NETWORK }),
  z.transform((text, ctx) => {
    const read = networkOf(text);
    if (read) return read;
    ctx.issues.push({ code: 'custom', message: NETWORK, input: text });
    return z.NEVER;
  }),
);

function networkOf(text: string): Network | undefined {
  const [, written = '', bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const isMapped = V4_MAPPED.test(written);
  const address = written.replace(V4_MAPPED, '');
  const version = isIP(address);
  if (version === 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const shared = isMapped && bits ? Number(bits) - V4_MAPPED_BITS : bits;
  const prefix = Number(shared ?? longest);
  if (!(prefix >= 0 && prefix <= longest)) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
