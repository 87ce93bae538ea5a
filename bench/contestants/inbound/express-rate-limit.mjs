import { rateLimit } from 'express-rate-limit';
import {
  apiKey,
  controller,
  createApplication,
  most,
} from './nest-application.mjs';

export async function application(adapter, { clients, refuses }) {
  const app = await createApplication(adapter, { controllers: [controller()] });
  app.use(
    rateLimit({
      limit: most(refuses),
      windowMs: refuses ? 86_400_000 : 60_000,
      ...(clients > 1 && { keyGenerator: apiKey }),
    }),
  );
  return app;
}
