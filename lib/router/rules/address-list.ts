import { ExecutionContext } from '@nestjs/common';
import { Network } from '../../config/schema/network.js';
import { ipKeyReader } from '../client-key/ip-key.js';
import { ProxyTrust } from '../client-key/proxy-trust.js';
import { networkList, WHOLE_ADDRESS_BITS } from './network-list.js';

/** Tells whether the sender's trusted address is in one of the networks. */
export function addressList(
  networks: readonly Network[],
  trust: ProxyTrust,
): (context: ExecutionContext) => boolean | Promise<boolean> {
  const isInList = networkList(networks);
  const addressOf = ipKeyReader(WHOLE_ADDRESS_BITS, trust);
  // As with keys, callers on a kept-alive connection come in runs.
  let lastKey = '';
  let lastAnswer = false;
  const isListed = (key: string) => {
    if (key === lastKey) return lastAnswer;
    lastAnswer = isInList(key);
    lastKey = key;
    return lastAnswer;
  };
  return (context) => {
    const key = addressOf(context);
    return typeof key === 'string' ? isListed(key) : key.then(isListed);
  };
}
