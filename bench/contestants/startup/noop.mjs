import { Catch, Module, UseGuards, UseInterceptors } from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter } from '@nestjs/core';
import { axiosClients, controllers } from './thousand-handlers.mjs';

class NoopGuard {
  canActivate() {
    return true;
  }
}

class NoopInterceptor {
  intercept(_context, next) {
    return next.handle();
  }
}

class NoopError extends Error {}

class NoopFilter extends BaseExceptionFilter {}
Catch(NoopError)(NoopFilter);

/** What Nest itself takes to put a guard and an interceptor before each handler and a filter behind all: plain otherwise. */
export function module() {
  const enhancers = () => [
    UseGuards(NoopGuard),
    UseInterceptors(NoopInterceptor),
  ];
  class BenchModule {}
  Module({
    controllers: controllers(enhancers),
    providers: [
      ...axiosClients(),
      { provide: APP_FILTER, useClass: NoopFilter },
    ],
  })(BenchModule);
  return BenchModule;
}
