import { controller, createApplication } from './nest-application.mjs';

export function application(adapter) {
  return createApplication(adapter, { controllers: [controller()] });
}
