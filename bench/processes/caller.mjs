import { createHistogram } from 'node:perf_hooks';
import { answerWith, settings } from '../harness/answering.mjs';

// Calls the upstream as one contestant, a fixed number of calls in flight.

/** Refusals end without I/O; this lets timers and messages have their turn among them. */
const CALLS_A_TURN = 512;

const { contestant, path, answers, ...rest } = settings();
const { caller } = await import(`../contestants/outbound/${contestant}.mjs`);
const call = await caller(rest);

async function callUntil(endMs, count) {
  while (performance.now() < endMs) {
    for (let i = 0; i < CALLS_A_TURN && performance.now() < endMs; i++) {
      const startMs = performance.now();
      const answered = await call(path).then(
        () => true,
        () => false,
      );
      count(answered, performance.now() - startMs);
    }
    await new Promise(setImmediate);
  }
}

async function round({ ms, inFlight }) {
  const latencies = createHistogram();
  let calls = 0;
  let surprises = 0;
  const count = (answered, latencyMs) => {
    calls++;
    if (answered !== answers) surprises++;
    latencies.record(Math.max(1, Math.round(latencyMs * 1000)));
  };
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const lanes = Array.from({ length: inFlight }, () =>
    callUntil(startMs + ms, count),
  );
  await Promise.all(lanes);
  const elapsedMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  if (surprises > 0) {
    throw new Error(`${surprises} of ${calls} calls ended otherwise`);
  }
  return {
    value: (calls * 1000) / elapsedMs,
    cpuUsEach: (user + system) / calls,
    p50Ms: latencies.percentile(50) / 1000,
    p99Ms: latencies.percentile(99) / 1000,
  };
}

/** Opens the breaker, where it is to stand open. */
if (call && rest.opens) await call('/failing').catch(() => undefined);
answerWith(round, { available: call !== undefined });
