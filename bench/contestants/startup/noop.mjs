import { Catch, Module, UseGuards } from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter } from '@nestjs/core';
import { axiosClients, controllers } from './thousand-handlers.mjs';

class NoopGuard {
  canActivate() {
    return true;
  }
}

class NoopError extends Error {}

class NoopFilter extends BaseExceptionFilter {}
Catch(NoopError)(NoopFilter);

/** What Nest itself takes to put a guard before each handler and a filter behind all, as ours are: plain otherwise. */
export function module() {
  class BenchModule {}
  Module({
    controllers: controllers(() => [UseGuards(NoopGuard)]),
    providers: [
      ...axiosClients(),
      { provide: APP_FILTER, useClass: NoopFilter },
    ],
  })(BenchModule);
  return BenchModule;
}
