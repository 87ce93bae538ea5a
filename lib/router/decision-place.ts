import type { ExecutionContext } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { DeclaredRoute } from './declared-route.js';
import { DirectAnswer } from './direct-answer.js';
import {
  bindLastGuard,
  guardsOf,
  interceptorsOf,
  interceptorsOutside,
} from './enhancers.js';
import type { Refusal } from './refusal.js';
import { DecisionPlace } from './limited-route.js';
import {
  ControllerRateLimitGuard,
  HandlerRateLimitGuard,
} from './router-rate-limit.guard.js';
import {
  ControllerRateLimitInterceptor,
  HandlerRateLimitInterceptor,
} from './router-rate-limit.interceptor.js';

/** What stands before the handlers of a limited controller, and before a limited handler: the guard always, the interceptor where it has something to do. */
export const enhancers = {
  controller: {
    guard: ControllerRateLimitGuard,
    interceptor: ControllerRateLimitInterceptor,
  },
  handler: {
    guard: HandlerRateLimitGuard,
    interceptor: HandlerRateLimitInterceptor,
  },
};

/**
 * After the last guard comes the first interceptor, so both see the same
 * requests at the same point. A guard that refuses spares the request the
 * interceptors, which cost Nest about as much as all else it does; so it
 * decides, unless guards or interceptors of the application stand between the
 * two, which have to see what ours lets through or refuses.
 */
export class LastGuard implements DecisionPlace {
  private known: boolean | undefined;
  private answer: DirectAnswer | undefined;

  constructor(
    private readonly route: DeclaredRoute,
    private readonly application: ApplicationConfig,
    private readonly host: HttpAdapterHost,
  ) {
    const { owner, handler, decidedAt } = route;
    const { guard } = enhancers[decidedAt];
    bindLastGuard(guard, decidedAt === 'controller' ? owner : handler);
  }

  /** Asked when the application has initialised its modules, and not before: until then it adds interceptors. */
  get isLastGuard(): boolean {
    this.known ??= this.isNothingBetween();
    return this.known;
  }

  refuse(refusal: Refusal, context: ExecutionContext): Promise<never> {
    this.answer ??= new DirectAnswer(this.route, this.application, this.host);
    return this.answer.refuse(refusal, context);
  }

  private isNothingBetween(): boolean {
    const { route, application } = this;
    const global =
      application.getGlobalInterceptors().length +
      application.getGlobalRequestInterceptors().length;
    if (global > 0) return false;
    return route.decidedAt === 'handler'
      ? isLastAtHandler(route)
      : isLastAtController(route);
  }
}

function isLastAtHandler(route: DeclaredRoute): boolean {
  const { owner, ownerMarks, handler, marks } = route;
  return (
    guardsOf(handler).at(-1) === enhancers.handler.guard &&
    interceptorsOf(owner, ownerMarks).length === 0 &&
    interceptorsOutside(handler, marks).length === 0
  );
}

/** What is bound to a handler lets all pass where its controller decides. */
function isLastAtController(route: DeclaredRoute): boolean {
  const { owner, ownerMarks, handler } = route;
  return (
    guardsOf(owner).at(-1) === enhancers.controller.guard &&
    guardsOf(handler).every((guard) => guard === enhancers.handler.guard) &&
    interceptorsOutside(owner, ownerMarks).length === 0
  );
}
