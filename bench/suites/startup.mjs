import { Child } from '../harness/child.mjs';
import { medianOf, table } from '../harness/results.mjs';
import { ratios, summary } from '../harness/statistics.mjs';
import { takeTurns } from '../harness/turns.mjs';

const STARTER = new URL('../processes/starter.mjs', import.meta.url);

/** Starts of each contestant in a round. */
const STARTS = { warmUps: 0, rounds: 3 };

export const title = 'Start-up';

async function startOnce(contestant) {
  const child = await Child.start(STARTER, {
    name: contestant,
    settings: { contestant },
  });
  await child.stop();
  return child.ready;
}

/** The least of each figure: whatever else the machine does only adds to a start. */
function least(starts) {
  const figures = Object.keys(starts[0]);
  return Object.fromEntries(
    figures.map((figure) => [
      figure,
      Math.min(...starts.map((start) => start[figure])),
    ]),
  );
}

/** Several fresh processes of each seat in turn, and the least that each took. */
async function playRound(seats) {
  const starts = await takeTurns(seats, STARTS, ({ name }) => startOnce(name));
  return seats.map(({ name }) => least(starts.get(name)));
}

/** By how much a figure of each round is above that of the application without either. */
function added(figure, samples, without) {
  return samples.map(
    (sample, round) => sample[figure] - without[round][figure],
  );
}

export async function run({ quick }) {
  const seats = ['plain', 'noop', 'floodgate'].map((name) => ({ name }));
  const rounds = [];
  while (rounds.length < (quick ? 3 : 11)) rounds.push(await playRound(seats));
  const starts = seats.map((_, i) => rounds.map((seat) => seat[i]));
  const [without, noop, ours] = starts;
  const against = (figure) =>
    ratios(added(figure, ours, without), added(figure, noop, without));
  return {
    tables: [
      table({
        id: 'startup',
        title: 'Start of 1,000 handlers and 100 backends',
        unit: 'ms',
        lowerIsBetter: true,
        against: 'plain',
        lines: starts.map((of, i) => ({
          name: seats[i].name,
          values: of.map(({ value }) => value),
          columns: {
            'added ms': summary(added('value', of, without)).median,
            'imports ms': medianOf(of, 'importMs'),
            'CPU ms': medianOf(of, 'cpuMs'),
            'application ms': medianOf(of, 'applicationMs'),
          },
        })),
      }),
    ],
    rows: [
      {
        id: 'startup',
        ...against('value'),
        byProcessorTime: against('cpuMs').median,
      },
    ],
  };
}
