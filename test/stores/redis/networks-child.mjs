// One process of a fleet behind a network that lies: asks for a plan of two
// buckets every few milliseconds, tells each change of state as it comes, and
// reports when it is asked to.
import { subscribe } from 'node:diagnostics_channel';

const [file, options, name] = process.argv.slice(2);
const EVERY_MS = 5;
const BEAT_MS = 5;

/** Instants that all processes of the machine share. */
const nowMs = () => performance.timeOrigin + performance.now();

// What this process was held up for is no fault of the store.
let heldUpMs = 0;
let reportedMs = 0;
let beatMs = performance.now();
setInterval(() => {
  heldUpMs += Math.max(0, performance.now() - beatMs - BEAT_MS - 1);
  beatMs = performance.now();
}, BEAT_MS).unref();
const heldUpByNow = () =>
  heldUpMs + Math.max(0, performance.now() - beatMs - BEAT_MS - 1);

const failures = [];
process.on('unhandledRejection', (error) => failures.push(String(error)));
process.on('uncaughtException', (error) => failures.push(String(error)));

subscribe('floodgate:store', ({ state, reason }) => {
  process.send({ kind: 'change', state, reason, atMs: nowMs() });
});

const { redisStore } = await import(file);
const host = { clock: () => performance.now(), maxClients: 1_000 };
const store = await redisStore(JSON.parse(options)).open(host);
await store.onModuleInit();

let latenciesMs = [];
let admittedMs = [];
let plan;

async function ask(client) {
  const beganMs = performance.now();
  const heldBefore = heldUpByNow();
  try {
    const { admitted } = await plan.decide(['', `${name}-${client}`], [1, 1]);
    if (admitted) admittedMs.push(nowMs());
  } catch (error) {
    failures.push(String(error));
  }
  const held = heldUpByNow() - heldBefore;
  latenciesMs.push(performance.now() - beganMs - held);
}

process.on('message', async (message) => {
  if (message.kind === 'begin') {
    const { all, each } = message;
    plan = store.plan([
      { id: 'all', limit: all, keyed: false },
      { id: 'each', limit: each, keyed: true },
    ]);
    let asked = 0;
    setInterval(() => void ask(asked++ % 20), EVERY_MS);
  } else if (message.kind === 'report') {
    process.send({
      kind: 'report',
      latenciesMs,
      admittedMs,
      failures,
      heldUpMs: heldUpMs - reportedMs,
    });
    reportedMs = heldUpMs;
    latenciesMs = [];
    admittedMs = [];
    failures.length = 0;
  } else {
    const beganMs = performance.now();
    await store.onApplicationShutdown();
    process.send({ kind: 'closed', tookMs: performance.now() - beganMs });
    process.disconnect();
    process.exit();
  }
});
process.send({ kind: 'ready' });
