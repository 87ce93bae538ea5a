import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { AdmittedCharge } from '../routes/gates.js';
import { Enforcer } from './enforcer.js';

/**
 * Decides edge limits on transports other than HTTP, before the application's
 * guards. It is the first global guard. If a message bypasses it, as in a
 * hybrid application that doesn't share its global guards, the interceptor
 * decides.
 */
export class EdgeGuard implements CanActivate {
  constructor(private readonly enforcer: Enforcer) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // Over HTTP, the framework's own hooks decide.
    if (context.getType() === 'http') return true;
    const route = this.enforcer.routes.find(context);
    const edge = route?.for(context).edge;
    if (!edge) return true;
    const passed = (charge: AdmittedCharge) => {
      this.enforcer.notePass(route, charge, context);
      return true;
    };
    const passing = this.enforcer.passOrThrow(edge, context);
    return passing instanceof Promise ? passing.then(passed) : passed(passing);
  }
}
