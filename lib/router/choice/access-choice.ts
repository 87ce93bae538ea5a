import { BlockList, isIPv4 } from 'node:net';
import type { ExecutionContext } from '@nestjs/common';
import { AccessList } from '../../config/schema/choice-fields.js';
import { Network } from '../../config/schema/network.js';

import { ClientKeys } from '../client-key/client-key.js';
import { RejectionKind } from '../reject/rejection.js';
import { ChooseParts, isFixed, LimitChoice, NO_PARTS } from './limit-choice.js';

type Test = (context: ExecutionContext) => boolean | Promise<boolean>;

/** Which callers skip a limit, and which it always refuses. */
export interface Access {
  readonly allow?: AccessList;
  readonly deny?: AccessList;
}

/** Puts the lists in front of a choice. A caller on both is refused. */
export function accessChoice(
  choice: LimitChoice,
  { allow, deny }: Access,
  policies: readonly string[],
  keys: ClientKeys,
): ChooseParts {
  const isDenied = testOf(deny, keys);
  const isAllowed = testOf(allow, keys);
  const rejection = new RejectionKind('denied', policies).reject();
  const choose = (context: ExecutionContext) =>
    isFixed(choice) ? choice : choice(context);
  const unlessAllowed: ChooseParts = (context) =>
    after(isAllowed(context), (allowed) =>
      allowed ? NO_PARTS : choose(context),
    );
  return (context) =>
    after(isDenied(context), (denied) =>
      denied ? rejection : unlessAllowed(context),
    );
}

function testOf(list: AccessList | undefined, keys: ClientKeys): Test {
  if (list === undefined) return () => false;
  return typeof list === 'function' ? list : addressTest(list, keys);
}

/** Stays synchronous if the answer is. */
function after<Result>(
  answer: boolean | Promise<boolean>,
  goOn: (answer: boolean) => Result | Promise<Result>,
): Result | Promise<Result> {
  return typeof answer === 'object' ? answer.then(goOn) : goOn(answer);
}

/** The prefix of the address keys that lists are matched against. */
export const WHOLE_ADDRESS_BITS = 128;

/** Tests whether the caller's trusted address is in one of the networks. */
export function addressTest(
  networks: readonly Network[],
  keys: ClientKeys,
): Test {
  const isListed = networkTest(networks);
  const addressOf = keys.addressReader(WHOLE_ADDRESS_BITS);
  // Requests of a kept-alive connection come in runs.
  let lastKey = '';
  let lastAnswer = false;
  const test = (key: string) => {
    if (key === lastKey) return lastAnswer;
    lastAnswer = isListed(key);
    lastKey = key;
    return lastAnswer;
  };
  return (context) => {
    const key = addressOf(context);
    return typeof key === 'string' ? test(key) : key.then(test);
  };
}

/** Tests whether an address, as its key, is in one of the networks. */
export function networkTest(
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
