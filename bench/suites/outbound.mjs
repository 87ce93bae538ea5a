import { Child, withChildren } from '../harness/child.mjs';
import { medianOf, speedUp, table } from '../harness/results.mjs';
import { inSittings } from '../harness/sittings.mjs';
import { takeTurns } from '../harness/turns.mjs';
import { matches } from './outbound-matches.mjs';

const UPSTREAM = new URL('../processes/upstream.mjs', import.meta.url);
const CALLER = new URL('../processes/caller.mjs', import.meta.url);

export const title = 'Outbound';

function startCaller(contestant, { path, answers, opens }, port) {
  return Child.start(CALLER, {
    name: contestant,
    settings: { contestant, path, answers, opens, port },
  });
}

/** Samples of those contestants that are there. */
function sitting(match, callers, upstream, pace) {
  const { port } = upstream.ready;
  const starts = callers.map(
    (contestant) => () => startCaller(contestant, match, port),
  );
  return withChildren(starts, (children) => {
    const seats = callers
      .map((name, i) => ({ name, child: children[i] }))
      .filter(({ child }) => child.ready.available);
    const { inFlight } = match;
    return takeTurns(seats, pace, ({ child }, ms) =>
      child.ask({ ms, inFlight }),
    );
  });
}

function callTable(match, samples) {
  return table({
    id: `outbound-${match.id}`,
    title: `Calls to ${match.title}`,
    unit: 'calls/s',
    against: match.against ?? 'axios',
    lines: [...samples].map(([name, rounds]) => ({
      name,
      values: rounds.map(({ value }) => value),
      columns: {
        'p50 ms': medianOf(rounds, 'p50Ms'),
        'p99 ms': medianOf(rounds, 'p99Ms'),
        'CPU µs a call': medianOf(rounds, 'cpuUsEach'),
      },
    })),
  });
}

function row(id, samples, numerator, denominator) {
  if (!samples.has(numerator)) return { id, note: 'not available' };
  return { id, ...speedUp(samples, numerator, denominator) };
}

function rowsOf(played) {
  const calls = played.get('small-50');
  return [
    row('backend-axios', calls, 'floodgate-entry', 'axios'),
    row('backend-opossum', calls, 'floodgate-entry', 'opossum'),
    row('backend-cockatiel', calls, 'floodgate-entry', 'cockatiel'),
    row('backend-open', played.get('open-1'), 'floodgate', 'opossum'),
    row('backend-undici', calls, 'floodgate-undici', 'axios'),
  ];
}

export async function run({ quick }) {
  const pace = quick
    ? { sittings: 1, warmUps: 2, rounds: 9, ms: 300 }
    : { sittings: 5, warmUps: 2, warmUpMs: 700, rounds: 14, ms: 200 };
  const taking = matches.filter((match) => !quick || match.quickCallers);
  const played = new Map();
  const start = () => Child.start(UPSTREAM, { name: 'upstream' });
  await withChildren([start], async ([upstream]) => {
    for (const match of taking) {
      const callers = quick ? match.quickCallers : match.callers;
      const samples = await inSittings(pace.sittings, () =>
        sitting(match, callers, upstream, pace),
      );
      played.set(match.id, samples);
    }
  });
  const tables = taking.map((match) => callTable(match, played.get(match.id)));
  return { tables, rows: rowsOf(played) };
}
