import { ExecutionContext } from '@nestjs/common';
import { ResolveFunction } from '../../config/schema/choice-fields.js';
import { RoutePart } from '../route-part.js';
import { ResolvedRules } from './resolved-rules.js';
import { isFixed, PartChoice } from './route-rule.js';

type Answer = Awaited<ReturnType<ResolveFunction>>;

/** Asks a function for the limit of each request, once. */
export function resolveChoice(
  resolve: ResolveFunction,
  rules: ResolvedRules,
): PartChoice {
  const follow = (answer: Answer, context: ExecutionContext) => {
    const rule = rules.of(answer);
    return isFixed(rule) ? rule : rule(context);
  };
  return (context): readonly RoutePart[] | Promise<readonly RoutePart[]> => {
    const answer = resolve(context);
    return isPromise(answer)
      ? answer.then((late) => follow(late, context))
      : follow(answer, context);
  };
}

function isPromise(
  answer: ReturnType<ResolveFunction>,
): answer is Promise<Answer> {
  return typeof answer === 'object' && answer !== null && 'then' in answer;
}
