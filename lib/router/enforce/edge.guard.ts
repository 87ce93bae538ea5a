import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Admission } from '../routes/gates.js';
import { Enforcer } from './enforcer.js';

/**
 * Decides edge limits on transports other than HTTP, before the application's
 * guards. Registered as the first global guard; a message that does not pass it,
 * as in a hybrid application that does not share its global guards, is decided
 * by the interceptor.
 */
export class EdgeGuard implements CanActivate {
  constructor(private readonly enforcer: Enforcer) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    // Over HTTP, the framework's own hooks decide.
    if (context.getType() === 'http') return true;
    const route = this.enforcer.routes.find(context);
    const edge = route?.for(context).edge;
    if (!edge) return true;
    const passed = (charge: Admission) => {
      this.enforcer.notePass(route, charge, context);
      return true;
    };
    const passing = this.enforcer.passOrThrow(edge, context);
    return passing instanceof Promise ? passing.then(passed) : passed(passing);
  }
}
