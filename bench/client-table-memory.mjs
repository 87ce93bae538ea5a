/**
 * What a client costs: bytes of memory while it is idle, nanoseconds of
 * processor time per decision. Needs a build; starts itself again with --expose-gc.
 *
 *   npm run build && node bench/client-table-memory.mjs
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MOST_BYTES = 110;
const CLIENTS = 1_000_000;
const SIZES = [10_000, CLIENTS];
const NEWCOMER_ROUNDS = 5;
const HIT_ROUNDS = 20;
const HITS_PER_ROUND = 200_000;
const NS_PER_MICROSECOND = 1_000;

if (globalThis.gc === undefined) {
  const self = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, ['--expose-gc', self], {
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}

const { BucketTable, Plan, bucketLimit } =
  await import('../dist/core/index.js');

/** A bucket in use stays so for the whole run: it refills in a hundred minutes. */
const LIMIT = bucketLimit({ maxRate: 10, everyMs: 60_000, capacity: 1_000 });
const COSTS = [1];

/** Text of 15 one-byte characters in one piece, as an address in a request is. */
function clientKey(i) {
  const digits = String(i).padStart(9, '0');
  const octets = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
  return Buffer.from(`100.${octets.join('.')}`).toString('latin1');
}

function usedBytes() {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A table in which each of `clients` has made one call. */
function tableOf(clients, keyAt) {
  const table = new BucketTable(LIMIT, clients);
  const plan = new Plan([table]);
  const asked = [''];
  for (let i = 0; i < clients; i++) {
    asked[0] = keyAt(i);
    plan.decide(asked, COSTS, 0);
  }
  return table;
}

function bytesPerClient() {
  const before = usedBytes();
  const table = tableOf(CLIENTS, clientKey);
  const bytes = (usedBytes() - before) / CLIENTS;
  if (table.size !== CLIENTS) throw new Error(`${table.size} clients only`);
  return bytes;
}

/** Nanoseconds of processor time per decision in the fastest round: whatever else the machine does only adds to it. */
function nsPerDecision(rounds, decisions, work) {
  const times = Array.from({ length: rounds }, (_, round) => {
    const start = process.cpuUsage();
    work(round);
    const { user, system } = process.cpuUsage(start);
    return (user + system) * NS_PER_MICROSECOND;
  });
  return Math.min(...times) / decisions;
}

function newcomerNs(keys) {
  return nsPerDecision(NEWCOMER_ROUNDS, keys.length, () =>
    tableOf(keys.length, (i) => keys[i]),
  );
}

/** Clients call in an order that no cache foresees. */
function hitNs(keys) {
  const plan = new Plan([tableOf(keys.length, (i) => keys[i])]);
  const order = Uint32Array.from({ length: HITS_PER_ROUND }, () =>
    Math.floor(Math.random() * keys.length),
  );
  const asked = [''];
  return nsPerDecision(HIT_ROUNDS, HITS_PER_ROUND, (round) => {
    for (const i of order) {
      asked[0] = keys[i];
      plan.decide(asked, COSTS, round + 1);
    }
  });
}

const bytes = bytesPerClient();
const speeds = SIZES.map((clients) => {
  const keys = Array.from({ length: clients }, (_, i) => clientKey(i));
  return { clients, newcomer: newcomerNs(keys), hit: hitNs(keys) };
});

console.log(`Node ${process.version}, ${process.arch}`);
console.log(
  `memory per idle client, of ${CLIENTS}: ${bytes.toFixed(1)} bytes (at most ${MOST_BYTES})`,
);
console.table(
  speeds.map(({ clients, newcomer, hit }) => ({
    clients,
    'newcomer, ns': Math.round(newcomer),
    'hit, ns': Math.round(hit),
  })),
);
if (bytes > MOST_BYTES) process.exitCode = 1;
