import type { ExecutionContext } from '@nestjs/common';
import type { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';
import { DeclaredRoute } from './declared-route.js';
import { DirectAnswer } from './direct-answer.js';
import { guardsOf, interceptorsOf } from './enhancers.js';
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

/** What `@RouterRateLimit` binds to a controller, and to a handler. */
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
  private readonly answer: DirectAnswer;

  constructor(
    private readonly route: DeclaredRoute,
    private readonly application: ApplicationConfig,
    host: HttpAdapterHost,
  ) {
    this.answer = new DirectAnswer(route, application, host);
    const { owner, handler, decidedAt } = route;
    const { guard } = enhancers[decidedAt];
    putLast(guard, guardsOf(decidedAt === 'controller' ? owner : handler));
  }

  /** Asked at the first request: applications add interceptors until they initialise. */
  get isLastGuard(): boolean {
    this.known ??= this.isNothingBetween();
    return this.known;
  }

  refuse(refusal: Refusal, context: ExecutionContext): Promise<never> {
    return this.answer.refuse(refusal, context);
  }

  private isNothingBetween(): boolean {
    const { application } = this;
    const { owner, handler, decidedAt } = this.route;
    const { guard, interceptor } = enhancers[decidedAt];
    // What is bound to a handler lets all pass where its controller decides.
    const idle = Object.values(enhancers.handler) as unknown[];
    const isOther = (bound: unknown) =>
      decidedAt === 'handler' || !idle.includes(bound);
    const guards = [...guardsOf(owner), ...guardsOf(handler)];
    const interceptors = [
      ...application.getGlobalInterceptors(),
      ...application.getGlobalRequestInterceptors(),
      ...interceptorsOf(owner),
      ...interceptorsOf(handler),
    ];
    return (
      guards.filter(isOther).at(-1) === guard &&
      interceptors.find(isOther) === interceptor
    );
  }
}

/** Guards of the application come first, whichever decorator was written first. */
function putLast(guard: unknown, guards: unknown[]): void {
  const at = guards.indexOf(guard);
  if (at >= 0) guards.push(...guards.splice(at, 1));
}
