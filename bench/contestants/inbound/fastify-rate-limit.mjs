import rateLimit from '@fastify/rate-limit';
import { HttpException } from '@nestjs/common';
import {
  apiKey,
  controller,
  createApplication,
  most,
} from './nest-application.mjs';

export async function application(adapter, { clients, refuses }) {
  const app = await createApplication(adapter, { controllers: [controller()] });
  await app.register(rateLimit, {
    max: most(refuses),
    timeWindow: refuses ? 86_400_000 : 60_000,
    // Its own error becomes a 500 in Nest, which knows HttpExceptions only.
    errorResponseBuilder: (_request, { after }) =>
      new HttpException(`Rate limit exceeded, retry in ${after}`, 429),
    ...(clients > 1 && { keyGenerator: apiKey }),
  });
  return app;
}
