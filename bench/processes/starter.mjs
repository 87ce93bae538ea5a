import { answerWith, settings } from '../harness/answering.mjs';

// Starts one application and tells how long that took, from the start of the
// process, all imports included, until it listens.

const { contestant } = settings();
const { NestFactory } = await import('@nestjs/core');
const { FastifyAdapter } = await import('@nestjs/platform-fastify');
const { module } = await import(`../contestants/startup/${contestant}.mjs`);
const importedMs = performance.now();

const app = await NestFactory.create(module(), new FastifyAdapter(), {
  logger: false,
});
await app.listen(0, '127.0.0.1');
const listeningMs = performance.now();
const { user, system } = process.cpuUsage();

answerWith(() => undefined, {
  value: listeningMs,
  importMs: importedMs,
  applicationMs: listeningMs - importedMs,
  cpuMs: (user + system) / 1000,
});
