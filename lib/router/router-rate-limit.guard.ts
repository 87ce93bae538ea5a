import { CanActivate, ExecutionContext, Injectable } from '@nestjs/common';
import { admit } from './admit.js';
import { Routes } from './limited-route.js';
import { RouteGates } from './route-gates.js';
import { Settlements } from './settle/settlements.js';

/** Decides for HTTP requests wherever it is the last guard and no interceptor stands before ours. */
abstract class RateLimitGuard implements CanActivate {
  constructor(
    private readonly routes: Routes,
    private readonly settlements: Settlements,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const route = this.routes
      .get(context.getClass())
      ?.get(context.getHandler());
    if (!route?.place.isLastGuard) return true;
    return admit(route.gates.afterGuards, route, context, this.settlements);
  }
}

/** Decides for handlers of controllers that carry no limit themselves. */
@Injectable()
export class HandlerRateLimitGuard extends RateLimitGuard {
  constructor(gates: RouteGates, settlements: Settlements) {
    super(gates.decidedAtHandler, settlements);
  }
}

/** Decides for all handlers of a controller that carries a limit, theirs included. */
@Injectable()
export class ControllerRateLimitGuard extends RateLimitGuard {
  constructor(gates: RouteGates, settlements: Settlements) {
    super(gates.decidedAtController, settlements);
  }
}
