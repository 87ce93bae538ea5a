import { RouterRateLimit, ThrottleModule } from '../../floodgate/index.mjs';
import { controller, createApplication, most } from './nest-application.mjs';

const GENEROUS = most(false);

/** Endpoint + client limit; a run of one client is told apart by its address. */
export function application(adapter, { clients, refuses, unlimited, phase }) {
  const caller =
    clients > 1 ? { strategy: 'header', key: 'x-api-key' } : { strategy: 'ip' };
  const limit = RouterRateLimit({
    maxRate: GENEROUS,
    capacity: GENEROUS,
    clientMaxRate: most(refuses),
    clientCapacity: most(refuses),
    every: refuses ? '24h' : '1m',
    ...caller,
  });
  return createApplication(adapter, {
    imports: [ThrottleModule.forRoot({ phase })],
    controllers: [unlimited ? controller() : controller(limit)],
  });
}
