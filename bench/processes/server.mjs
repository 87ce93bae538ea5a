import { monitorEventLoopDelay } from 'node:perf_hooks';
import { answerWith, settings } from '../harness/answering.mjs';

// Serves one contestant and tells what a round of load cost it.

const RESOLUTION_MS = 10;

const { contestant, adapter, ...variant } = settings();
const { application } = await import(
  `../contestants/inbound/${contestant}.mjs`
);
const app = await application(adapter, variant);
await app.listen(0, '127.0.0.1');

const loopDelay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loopDelay.enable();
let cpu = process.cpuUsage();

function begin() {
  loopDelay.reset();
  cpu = process.cpuUsage();
}

/** The timer of the histogram itself is late by its resolution; that is taken off. */
function end() {
  const { user, system } = process.cpuUsage(cpu);
  return {
    cpuUs: user + system,
    loopDelayMs: Math.max(0, loopDelay.percentile(99) / 1e6 - RESOLUTION_MS),
  };
}

answerWith((question) => (question === 'begin' ? begin() : end()), {
  port: app.getHttpServer().address().port,
});
