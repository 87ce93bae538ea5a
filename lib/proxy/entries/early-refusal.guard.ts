import {
  CanActivate,
  ExecutionContext,
  Inject,
  Injectable,
} from '@nestjs/common';
import { BackendClient } from '../backend-client.js';
import { REQUIRED_CLIENT } from '../inject-backend.decorator.js';
import { ENTRIES, Entry } from './entry.js';

/**
 * Rejects a request early if a call to a required backend would be rejected
 * anyway. It is a guard, so it runs before the endpoint's limits take tokens. It
 * takes no tokens or permits itself.
 */
@Injectable()
export class EarlyRefusalGuard implements CanActivate {
  private readonly early = new WeakMap<Function, readonly Entry[]>();

  constructor(
    @Inject(REQUIRED_CLIENT) private readonly client: BackendClient,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    for (const entry of this.earlyEntriesOf(context.getHandler())) {
      this.client.backend(entry.backend).refuseEarly(entry, context.getClass());
    }
    return true;
  }

  private earlyEntriesOf(handler: Function): readonly Entry[] {
    const known = this.early.get(handler);
    if (known) return known;
    const entries = (Reflect.getMetadata(ENTRIES, handler) ?? []) as Entry[];
    const early = entries.filter(({ refuseEarly }) => refuseEarly);
    this.early.set(handler, early);
    return early;
  }
}
