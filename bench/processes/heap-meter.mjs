import { PerformanceObserver } from 'node:perf_hooks';
import { answerWith, settings } from '../harness/answering.mjs';
import { ClientKeys } from '../contestants/decisions/client-keys.mjs';
import { scenarios } from '../contestants/decisions/scenarios.mjs';

// Weighs one contestant's heap, in a process of its own with --expose-gc and a
// young generation large enough that nothing is collected while it is weighed.

const { contestant } = settings();
const { decider, asynchronous } = await import(
  `../contestants/decisions/${contestant}.mjs`
);

/** Turns of 10,000 decisions until the compiler has seen enough. */
const TURNS_TO_WARM = 120;
/** On a busy machine the compiler, a thread of its own, comes late to the first of these. */
const WEIGHINGS = 5;

let collections = 0;
new PerformanceObserver((list) => {
  collections += list.getEntries().length;
}).observe({ entryTypes: ['gc'] });

/** Bytes in use, the memory behind typed arrays included. */
function bytesInUse() {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function decideAll(decide, keys, turns) {
  for (let i = 0; i < turns; i++) for (const key of keys) decide(key);
}

async function decideAllAsync(decide, keys, turns) {
  for (let i = 0; i < turns; i++) for (const key of keys) await decide(key);
}

/** Bytes allocated by `work`, during which nothing may be collected. */
async function bytesAllocated(work) {
  global.gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
  collections = 0;
  const before = process.memoryUsage().heapUsed;
  await work();
  const bytes = process.memoryUsage().heapUsed - before;
  await new Promise((resolve) => setTimeout(resolve, 20));
  if (collections > 0) throw new Error('collected garbage while being weighed');
  return bytes;
}

/** Bytes allocated per admission, over known clients, once the code is compiled. What the scales themselves allocate is taken off. */
async function bytesPerAdmission({ turns }) {
  const decide = decider(scenarios['10k']);
  const crowd = new ClientKeys(scenarios['10k'].clients);
  const keys = Array.from({ length: crowd.count }, (_, i) => crowd.key(i));
  const decideTurns = asynchronous ? decideAllAsync : decideAll;
  await decideTurns(decide, keys, TURNS_TO_WARM);
  let tare = Infinity;
  let least = Infinity;
  for (let i = 0; i < WEIGHINGS; i++) {
    const nothing = await bytesAllocated(() => decideTurns(decide, keys, 0));
    const bytes = await bytesAllocated(() => decideTurns(decide, keys, turns));
    tare = Math.min(tare, nothing);
    least = Math.min(least, bytes);
  }
  return { value: (least - tare) / (turns * keys.length) };
}

/** Bytes that an idle client leaves on the heap, its 15-character key included. */
async function bytesPerClient({ clients }) {
  const decide = decider({ ...scenarios['1m'], clients });
  const crowd = new ClientKeys(clients);
  await decide(crowd.key(0));
  global.gc();
  const before = bytesInUse();
  for (let index = 1; index < clients; index++) {
    const decision = decide(crowd.key(index));
    if (asynchronous) await decision;
  }
  global.gc();
  const bytes = bytesInUse() - before;
  await decide(crowd.key(0));
  return { value: bytes / (clients - 1) };
}

answerWith((question) =>
  question.weigh === 'admission'
    ? bytesPerAdmission(question)
    : bytesPerClient(question),
);
