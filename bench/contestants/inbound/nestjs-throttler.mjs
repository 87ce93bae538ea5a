import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { apiKey, controller, createApplication } from './nest-application.mjs';

/** A million a minute, which it never reaches. */
const GENEROUS = { limit: 1_000_000, ttl: 60_000 };
const EXHAUSTED = { limit: 1, ttl: 86_400_000 };

export function application(adapter, { clients, refuses }) {
  const throttlers = [refuses ? EXHAUSTED : GENEROUS];
  const options = clients > 1 ? { throttlers, getTracker: apiKey } : throttlers;
  return createApplication(adapter, {
    imports: [ThrottlerModule.forRoot(options)],
    controllers: [controller()],
    providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
  });
}
