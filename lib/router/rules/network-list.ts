import { BlockList, isIPv4 } from 'node:net';
import { Network } from '../../config/schema/network.js';

/** The prefix of the address keys that a list is asked about. */
export const WHOLE_ADDRESS_BITS = 128;

/** Tells whether an address, as its key stands for it, is in one of the networks. */
export function networkList(
  networks: readonly Network[],
): (addressKey: string) => boolean {
  const list = new BlockList();
  for (const { address, prefix, family } of networks) {
    list.addSubnet(address, prefix, family);
  }
  return (key) => {
    if (key === '') return false;
    if (isIPv4(key)) return list.check(key, 'ipv4');
    const [address] = key.split('/', 1);
    return list.check(address, 'ipv6');
  };
}
