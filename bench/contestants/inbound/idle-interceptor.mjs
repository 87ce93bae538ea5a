import { UseInterceptors } from '@nestjs/common';
import { controller, createApplication } from './nest-application.mjs';

class IdleInterceptor {
  intercept(_context, next) {
    return next.handle();
  }
}

export function application(adapter) {
  return createApplication(adapter, {
    controllers: [controller(UseInterceptors(IdleInterceptor))],
  });
}
