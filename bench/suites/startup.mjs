import { Child } from '../harness/child.mjs';
import { medianOf, table } from '../harness/results.mjs';
import { summary } from '../harness/statistics.mjs';
import { takeTurns } from '../harness/turns.mjs';

const STARTER = new URL('../processes/starter.mjs', import.meta.url);

export const title = 'Start-up';

async function startOnce(contestant) {
  const child = await Child.start(STARTER, {
    name: contestant,
    settings: { contestant },
  });
  await child.stop();
  return child.ready;
}

export async function run({ quick }) {
  const seats = [{ name: 'plain' }, { name: 'floodgate' }];
  const pace = { warmUps: 1, rounds: quick ? 5 : 15 };
  const samples = await takeTurns(seats, pace, ({ name }) => startOnce(name));
  const values = (name) => samples.get(name).map(({ value }) => value);
  const without = values('plain');
  const added = values('floodgate').map((ms, round) => ms - without[round]);
  return {
    tables: [
      table({
        id: 'startup',
        title: 'Start of 1,000 handlers and 100 backends',
        unit: 'ms',
        lowerIsBetter: true,
        against: 'plain',
        lines: seats.map(({ name }) => ({
          name,
          values: values(name),
          columns: {
            'imports ms': medianOf(samples.get(name), 'importMs'),
            'CPU ms': medianOf(samples.get(name), 'cpuMs'),
            'application ms': medianOf(samples.get(name), 'applicationMs'),
          },
        })),
      }),
    ],
    rows: [{ id: 'startup', ...summary(added) }],
  };
}
