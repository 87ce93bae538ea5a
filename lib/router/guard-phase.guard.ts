import { CanActivate, ExecutionContext } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { admit } from './admit.js';
import { RouteGates } from './route-gates.js';
import { Settlements } from './settle/settlements.js';

/** Decides the limits of phase `guard`, for HTTP requests; made only where there are any. */
export class GuardPhase implements CanActivate {
  /** Takes its place as it is made, before any APP_GUARD: Nest asks global guards in their order, and those of classes and methods after them. */
  constructor(
    private readonly gates: RouteGates,
    private readonly settlements: Settlements,
    application: ApplicationConfig,
  ) {
    application.useGlobalGuards(this);
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const route = this.gates.of(context.getHandler(), context.getClass());
    const gate = route?.gates.beforeGuards;
    if (!gate) return true;
    return admit(gate, route, context, this.settlements);
  }
}
