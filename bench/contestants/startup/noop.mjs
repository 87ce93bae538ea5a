import { Catch, Module, UseInterceptors } from '@nestjs/common';
import { APP_FILTER, BaseExceptionFilter } from '@nestjs/core';
import { axiosClients, controllers } from './thousand-handlers.mjs';

class NoopInterceptor {
  intercept(_context, next) {
    return next.handle();
  }
}

class NoopError extends Error {}

class NoopFilter extends BaseExceptionFilter {}
Catch(NoopError)(NoopFilter);

/** What Nest itself takes to put an interceptor before each handler and a filter behind all, as ours are: plain otherwise. */
export function module() {
  class BenchModule {}
  Module({
    controllers: controllers(() => [UseInterceptors(NoopInterceptor)]),
    providers: [
      ...axiosClients(),
      { provide: APP_FILTER, useClass: NoopFilter },
    ],
  })(BenchModule);
  return BenchModule;
}
