import { createHistogram } from 'node:perf_hooks';
import { answerWith, settings } from '../harness/answering.mjs';
import { ClientKeys } from '../contestants/decisions/client-keys.mjs';
import { scenarios } from '../contestants/redis/scenarios.mjs';

// Decides with Redis as one contestant, a fixed number of decisions in flight.

/** What is decided without a trip ends without I/O; this lets answers and timers have their turn among them. */
const DECISIONS_A_TURN = 16;
const BATCH = 256;

const { contestant, scenario, ...rest } = settings();
const { decider } = await import(`../contestants/redis/${contestant}.mjs`);
const { clients } = scenarios[scenario];
const decide = await decider({ ...scenarios[scenario], ...rest });
const crowd = new ClientKeys(clients);
const keys = Array.from({ length: BATCH }, () => '');
let used = BATCH;

function nextKey() {
  if (used === BATCH) {
    crowd.refill(keys);
    used = 0;
  }
  return keys[used++];
}

/** The end of one decision is the beginning of the next: to look at the clock takes a good part of one that needs no trip. */
async function decideUntil(endMs, count) {
  let nowMs = performance.now();
  while (nowMs < endMs) {
    for (let i = 0; i < DECISIONS_A_TURN && nowMs < endMs; i++) {
      const startMs = nowMs;
      const decided = decide(nextKey());
      const admitted = typeof decided === 'boolean' ? decided : await decided;
      nowMs = performance.now();
      count(admitted, nowMs - startMs);
    }
    await new Promise(setImmediate);
    nowMs = performance.now();
  }
}

async function round({ ms, inFlight }) {
  const latencies = createHistogram();
  let decisions = 0;
  let refusals = 0;
  const count = (admitted, latencyMs) => {
    decisions++;
    if (!admitted) refusals++;
    latencies.record(Math.max(1, Math.round(latencyMs * 1000)));
  };
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const lanes = Array.from({ length: inFlight }, () =>
    decideUntil(startMs + ms, count),
  );
  await Promise.all(lanes);
  const elapsedMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  if (refusals > 0) {
    throw new Error(`${refusals} of ${decisions} decisions refused`);
  }
  return {
    value: (decisions * 1000) / elapsedMs,
    decisions,
    cpuUs: user + system,
    p50Ms: latencies.percentile(50) / 1000,
    p99Ms: latencies.percentile(99) / 1000,
  };
}

answerWith(round);
