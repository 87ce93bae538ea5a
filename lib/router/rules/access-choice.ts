import { ExecutionContext } from '@nestjs/common';
import { withoutStack } from '../../problem/without-stack.js';
import { AccessList } from '../../config/schema/choice-fields.js';
import { ProxyTrust } from '../client-key/proxy-trust.js';
import { ClientDeniedException } from '../refusals.js';
import { addressList } from './address-list.js';
import { isFixed, NO_PARTS, PartChoice, RouteRule } from './route-rule.js';

type Test = (context: ExecutionContext) => boolean | Promise<boolean>;

/** Whom a limit does not apply to, and whom it always refuses. */
export interface Access {
  readonly allow?: AccessList;
  readonly deny?: AccessList;
}

/** Puts lists before a rule; who is on both is refused. */
export function accessChoice(
  rule: RouteRule,
  { allow, deny }: Access,
  policies: readonly string[],
  trust: ProxyTrust,
): PartChoice {
  const isDenied = testOf(deny, trust);
  const isAllowed = testOf(allow, trust);
  const follow = (context: ExecutionContext) =>
    isFixed(rule) ? rule : rule(context);
  const unlessAllowed: PartChoice = (context) =>
    after(isAllowed(context), (allowed) =>
      allowed ? NO_PARTS : follow(context),
    );
  return (context) =>
    after(isDenied(context), (denied) => {
      if (denied) throw withoutStack(() => new ClientDeniedException(policies));
      return unlessAllowed(context);
    });
}

function testOf(list: AccessList | undefined, trust: ProxyTrust): Test {
  if (list === undefined) return () => false;
  return typeof list === 'function' ? list : addressList(list, trust);
}

/** Goes on at once with what is there at once. */
function after<Result>(
  answer: boolean | Promise<boolean>,
  goOn: (answer: boolean) => Result | Promise<Result>,
): Result | Promise<Result> {
  return typeof answer === 'object' ? answer.then(goOn) : goOn(answer);
}
