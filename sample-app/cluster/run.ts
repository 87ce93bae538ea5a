import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Child } from '../processes/child.js';
import { whenNpmIsGone } from '../processes/when-npm-is-gone.js';
import { Customers, type Tally } from './customers.js';
import { allowedIn, CAPACITY, RATE_PER_SECOND } from './limit.js';
import { RedisProcess } from './redis-process.js';

// `npm run demo:cluster`: three instances share one limit through one Redis,
// which is killed in the middle and started again. Ends by itself.
const INSTANCES = 3;
const PHASE_MS = 4_000;
const LONGEST_RUN_MS = 45_000;

interface Phase {
  readonly name: string;
  readonly tally: Tally;
  /** Tokens that begin anew in it: in the shares of instances that lost sight of Redis, and in a Redis without data. */
  readonly fresh: number;
}

whenNpmIsGone(() => process.exit(1));
setTimeout(() => process.exit(1), LONGEST_RUN_MS).unref();

/** How often an instance lost sight of Redis. */
let timesLost = 0;
const redis = await RedisProcess.start();
const file = fileURLToPath(new URL('instance.js', import.meta.url));
const fleet = await Promise.all(
  Array.from({ length: INSTANCES }, () => Child.start(file, [redis.url])),
);
console.log(
  `${INSTANCES} instances, one Redis, one limit: ${RATE_PER_SECOND} requests a second, ${CAPACITY} at once.\n`,
);
tellTransitions();
await pause(1_500); // the instances count each other once a second

const customers = new Customers(fleet.map(({ url }) => url));
const phases: Phase[] = [];
await phase('Redis is there', 0, async () => {});
await phase('Redis is killed', 0, () => redis.kill());
await phase('Redis is back, empty', CAPACITY, () => redis.startAgain());
await customers.stop();
const ended = await Promise.all(fleet.map((child) => child.stop()));
await redis.kill();

report();

async function phase(
  name: string,
  fresh: number,
  begin: () => Promise<void>,
): Promise<void> {
  const lostBefore = timesLost;
  customers.take();
  await begin();
  await pause(PHASE_MS);
  const shares = ((timesLost - lostBefore) * CAPACITY) / INSTANCES;
  phases.push({ name, fresh: fresh + shares, tally: customers.take() });
}

function tellTransitions(): void {
  fleet.forEach((child, i) =>
    child.onMessage((message) => {
      const { state, reason, decidedBy } = message as Record<string, string>;
      if (state === undefined) return;
      if (state === 'down') timesLost++;
      const why = reason ? ` (${reason})` : '';
      console.log(
        `  instance ${i + 1}: Redis is ${state}${why}; limits are ${decidedBy === 'redis' ? 'shared' : 'divided'}`,
      );
    }),
  );
}

function report(): void {
  const head = ['', 'admitted', 'allowed', 'refused', 'failed', 'slowest'];
  const table = new Table({ head, style: { head: [], border: [] } });
  let isKept = ended.every(Boolean);
  for (const { name, fresh, tally } of phases) {
    const most = Math.round(allowedIn(tally.ms) + fresh);
    isKept &&= tally.admitted <= most && tally.failed === 0;
    table.push([
      name,
      tally.admitted,
      `up to ${most}`,
      tally.refused,
      tally.failed,
      `${tally.slowestMs.toFixed(0)} ms`,
    ]);
  }
  console.log(`\n${table.toString()}\n`);
  console.log(
    isKept
      ? 'The fleet admitted no more than one instance would, but for the shares that begin full when Redis is lost; no request failed because of it.'
      : 'The promise was broken.',
  );
  process.exitCode = isKept ? 0 : 1;
}
