import { Child } from '../harness/child.mjs';
import { table } from '../harness/results.mjs';
import { summary } from '../harness/statistics.mjs';
import { takeTurns } from '../harness/turns.mjs';
import { contestants } from './decisions.mjs';

const METER = new URL('../processes/heap-meter.mjs', import.meta.url);
const NODE_FLAGS = {
  admission: [
    '--expose-gc',
    '--max-semi-space-size=1024',
    '--min-semi-space-size=1024',
  ],
  client: ['--expose-gc', '--max-old-space-size=6000'],
};

export const title = 'Memory';

/** Every weighing is a fresh process, so that none inherits another's garbage. */
async function weigh(contestant, question) {
  const child = await Child.start(METER, {
    name: contestant,
    settings: { contestant },
    nodeFlags: NODE_FLAGS[question.weigh],
  });
  try {
    return await child.ask(question);
  } finally {
    await child.stop();
  }
}

async function weighAll(names, rounds, question) {
  const seats = names.map((name) => ({ name }));
  const samples = await takeTurns(seats, { warmUps: 0, rounds }, ({ name }) =>
    weigh(name, question),
  );
  return names.map((name) => ({
    name,
    values: samples.get(name).map(({ value }) => value),
  }));
}

const ours = (lines) => lines.find(({ name }) => name === 'floodgate').values;

export async function run({ quick }) {
  const names = quick ? ['floodgate'] : contestants;
  const rounds = quick ? 3 : 5;
  const admission = await weighAll(names, rounds, {
    weigh: 'admission',
    turns: 10,
  });
  const client = await weighAll(names, rounds, {
    weigh: 'client',
    clients: 1_000_000,
  });
  return {
    tables: [
      table({
        id: 'memory-admission',
        title: 'Bytes allocated by one admission',
        unit: 'B',
        lowerIsBetter: true,
        lines: admission,
      }),
      table({
        id: 'memory-client',
        title: 'Bytes of heap per idle client, a million of them',
        unit: 'B',
        lowerIsBetter: true,
        lines: client,
      }),
    ],
    rows: [
      { id: 'decision-alloc', ...summary(ours(admission)) },
      { id: 'client-heap', ...summary(ours(client)) },
    ],
  };
}
