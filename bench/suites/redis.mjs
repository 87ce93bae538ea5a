import { Child, withChildren } from '../harness/child.mjs';
import { RedisServer, redisVersion } from '../harness/redis-server.mjs';
import { medianOf, speedUp, table } from '../harness/results.mjs';
import { unmeasured } from '../harness/rows.mjs';
import { takeTurns } from '../harness/turns.mjs';
import { scenarios } from '../contestants/redis/scenarios.mjs';
import { FLOOR, LEASED, matches, OURS, THROTTLER } from './redis-matches.mjs';

const DECIDER = new URL('../processes/redis-decider.mjs', import.meta.url);
const IN_FLIGHT = 64;

export const title = 'Redis';

async function decideOnce(server, child, ms) {
  const beforeUs = await server.cpuUs();
  const sample = await child.ask({ ms, inFlight: IN_FLIGHT });
  const serverUs = (await server.cpuUs()) - beforeUs;
  const { cpuUs, decisions } = sample;
  return {
    ...sample,
    ownCpuUsEach: cpuUs / decisions,
    redisCpuUsEach: serverUs / decisions,
    cpuUsEach: (cpuUs + serverUs) / decisions,
  };
}

function play(server, scenario, seats, pace) {
  const { port } = server;
  const starts = seats.map(
    (seat) => () =>
      Child.start(DECIDER, {
        name: seat.name,
        settings: { ...seat, scenario, port },
      }),
  );
  return withChildren(starts, (children) => {
    const playing = seats.map((seat, i) => ({ ...seat, child: children[i] }));
    return takeTurns(playing, pace, ({ child }) =>
      decideOnce(server, child, pace.ms),
    );
  });
}

function decisionTable({ scenario, against }, samples) {
  return table({
    id: `redis-${scenario}`,
    title: `Decisions in Redis: ${scenarios[scenario].title}, ${IN_FLIGHT} in flight`,
    unit: 'decisions/s',
    against,
    lines: [...samples].map(([name, rounds]) => ({
      name,
      values: rounds.map(({ value }) => value),
      columns: {
        'p50 ms': medianOf(rounds, 'p50Ms'),
        'p99 ms': medianOf(rounds, 'p99Ms'),
        'CPU µs a decision': medianOf(rounds, 'ownCpuUsEach'),
        'of Redis': medianOf(rounds, 'redisCpuUsEach'),
      },
    })),
  });
}

async function playAll(server, quick) {
  const pace = quick
    ? { warmUps: 2, rounds: 7, ms: 300 }
    : { warmUps: 3, rounds: 15, ms: 500 };
  const played = new Map();
  const tables = [];
  for (const match of matches.filter((match) => !quick || match.quick)) {
    const seats = match.seats.filter((seat) => !quick || seat.quick);
    const samples = await play(server, match.scenario, seats, pace);
    played.set(match.scenario, samples);
    tables.push(decisionTable(match, samples));
  }
  return { played, tables };
}

/** Without a redis-server there is nothing to measure, which the rows say. */
function skipped() {
  const note = 'no redis-server installed';
  console.warn(`\nSKIPPED: ${note}`);
  return { tables: [], rows: unmeasured('redis', note) };
}

export async function run({ quick }) {
  if (!redisVersion()) return skipped();
  const server = await RedisServer.start();
  try {
    const { played, tables } = await playAll(server, quick);
    const plan = played.get('plan');
    const hot = played.get('hot');
    return {
      tables,
      rows: [
        { id: 'redis-floor', ...speedUp(plan, OURS, FLOOR) },
        { id: 'redis-throttler', ...speedUp(plan, OURS, THROTTLER) },
        { id: 'redis-lease', ...speedUp(hot, LEASED, OURS) },
      ],
    };
  } finally {
    await server.stop();
  }
}
