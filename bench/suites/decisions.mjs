import { Child, withChildren } from '../harness/child.mjs';
import { ratios } from '../harness/statistics.mjs';
import { table } from '../harness/results.mjs';
import { takeTurns } from '../harness/turns.mjs';
import { scenarios } from '../contestants/decisions/scenarios.mjs';

const DECIDER = new URL('../processes/decider.mjs', import.meta.url);

export const title = 'Decisions';
export const contestants = [
  'floor',
  'floodgate',
  'express-rate-limit',
  'limiter',
  'rate-limiter-flexible',
  'nestjs-throttler',
];

/** What the rows need. */
const quickly = {
  scenarios: ['10k'],
  contestants: [
    'floor',
    'floodgate',
    'express-rate-limit',
    'rate-limiter-flexible',
  ],
  crowd: ['floor', 'floodgate'],
};
const fully = {
  scenarios: ['hot', '10k', 'plan', 'refused'],
  contestants,
  crowd: contestants,
};

/** One process a contestant and scenario; all seats of a match take turns. */
async function match(seats, pace) {
  const starts = seats.map((seat) => () => {
    const { contestant, scenario } = seat;
    return Child.start(DECIDER, {
      name: seat.name,
      settings: { contestant, scenario },
    });
  });
  return withChildren(starts, async (children) => {
    const playing = seats.map((seat, i) => ({ ...seat, child: children[i] }));
    return takeTurns(playing, pace, ({ child }) => child.ask({ ms: pace.ms }));
  });
}

function seat(contestant, scenario) {
  return { name: `${contestant} ${scenario}`, contestant, scenario };
}

const values = (samples, contestant, scenario) =>
  samples.get(`${contestant} ${scenario}`).map(({ value }) => value);

function scenarioTable(scenario, samples, taking) {
  return table({
    id: `decisions-${scenario}`,
    title: `One decision: ${scenarios[scenario].title}`,
    unit: 'ns',
    lowerIsBetter: true,
    lines: taking.map((contestant) => ({
      name: contestant,
      values: values(samples, contestant, scenario),
    })),
    against: 'floodgate',
  });
}

export async function run({ quick }) {
  const pace = quick
    ? { warmUps: 2, rounds: 9, ms: 60 }
    : { warmUps: 3, rounds: 21, ms: 200 };
  const taking = quick ? quickly : fully;
  const tables = [];
  const rows = [];

  for (const scenario of taking.scenarios) {
    const seats = taking.contestants.map((name) => seat(name, scenario));
    const samples = await match(seats, pace);
    tables.push(scenarioTable(scenario, samples, taking.contestants));
    if (scenario === '10k') rows.push(...rowsOf(samples));
  }

  const crowd = await match(
    [
      seat('floodgate', '10k'),
      ...taking.crowd.map((contestant) => seat(contestant, '1m')),
    ],
    pace,
  );
  tables.push(scenarioTable('1m', crowd, taking.crowd));
  rows.push({
    id: 'decision-growth',
    ...ratios(
      values(crowd, 'floodgate', '1m'),
      values(crowd, 'floodgate', '10k'),
    ),
  });
  return { tables, rows };
}

function rowsOf(samples) {
  const ns = (contestant) => values(samples, contestant, '10k');
  return [
    { id: 'decision-floor', ...ratios(ns('floodgate'), ns('floor')) },
    {
      id: 'decision-erl',
      ...ratios(ns('express-rate-limit'), ns('floodgate')),
    },
    {
      id: 'decision-rlf',
      ...ratios(ns('rate-limiter-flexible'), ns('floodgate')),
    },
  ];
}
