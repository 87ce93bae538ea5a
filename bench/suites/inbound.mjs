import { Child, withChildren } from '../harness/child.mjs';
import { medianOf, speedUp, table } from '../harness/results.mjs';
import { inSittings } from '../harness/sittings.mjs';
import { takeTurns } from '../harness/turns.mjs';
import {
  EDGE,
  EMPTY,
  matchesOn,
  peerOf,
  THROTTLER,
  UNLIMITED,
} from './inbound-matches.mjs';

const SERVER = new URL('../processes/server.mjs', import.meta.url);
const GENERATOR = new URL('../processes/generator.mjs', import.meta.url);
const CONNECTIONS = 50;

export const title = 'Inbound';

function startServer(adapter, seat) {
  const { name, contestant, clients, refuses, unlimited, phase } = seat;
  return Child.start(SERVER, {
    name: `${name} on ${adapter}`,
    settings: { contestant, adapter, clients, refuses, unlimited, phase },
  });
}

async function loadOnce(generator, { child, path, status, clients }, ms) {
  await child.ask('begin');
  const { port } = child.ready;
  const load = await generator.ask({
    port,
    path,
    status,
    clients,
    connections: CONNECTIONS,
    ms,
  });
  const cost = await child.ask('end');
  return { ...load, ...cost, cpuUsEach: cost.cpuUs / load.answers };
}

function sitting(adapter, seats, pace) {
  const starts = [
    () => Child.start(GENERATOR, { name: 'generator' }),
    ...seats.map((seat) => () => startServer(adapter, seat)),
  ];
  return withChildren(starts, ([generator, ...servers]) => {
    const playing = seats.map((seat, i) => ({ ...seat, child: servers[i] }));
    return takeTurns(playing, pace, (seat, ms) =>
      loadOnce(generator, seat, ms),
    );
  });
}

function loadTable(id, title, samples, against) {
  return table({
    id,
    title,
    unit: 'requests/s',
    against,
    lines: [...samples].map(([name, rounds]) => ({
      name,
      values: rounds.map(({ value }) => value),
      columns: {
        'p50 ms': medianOf(rounds, 'p50Ms'),
        'p99 ms': medianOf(rounds, 'p99Ms'),
        'loop delay p99 ms': medianOf(rounds, 'loopDelayMs'),
        'CPU µs a request': medianOf(rounds, 'cpuUsEach'),
      },
    })),
  });
}

/** How long each kind of match is played. Turns are short, so that both sides of a ratio meet the same machine. */
const paces = {
  quick: {
    usual: { sittings: 1, warmUps: 2, rounds: 9, ms: 300 },
    paired: { sittings: 1, warmUps: 2, rounds: 9, ms: 300 },
    sustained: { sittings: 1, warmUps: 1, warmUpMs: 6_000, rounds: 5, ms: 300 },
  },
  full: {
    usual: { sittings: 5, warmUps: 2, warmUpMs: 1000, rounds: 16, ms: 250 },
    paired: { sittings: 15, warmUps: 2, warmUpMs: 700, rounds: 15, ms: 100 },
    sustained: {
      sittings: 1,
      warmUps: 1,
      warmUpMs: 20_000,
      rounds: 9,
      ms: 1000,
    },
  },
};

async function playAll(adapter, quick) {
  const played = new Map();
  const tables = [];
  for (const match of matchesOn(adapter)) {
    const { id, title, seats, against } = match;
    const taking = seats.filter((seat) => !quick || seat.quick);
    if (taking.length === 0) continue;
    const pace = paces[quick ? 'quick' : 'full'][match.pace ?? 'usual'];
    const samples = await inSittings(pace.sittings, () =>
      sitting(adapter, taking, pace),
    );
    played.set(id, samples);
    tables.push(loadTable(`inbound-${adapter}-${id}`, title, samples, against));
  }
  return { played, tables };
}

export async function run({ quick }) {
  const fastify = await playAll('fastify', quick);
  const express = await playAll('express', quick);
  return {
    tables: [...fastify.tables, ...express.tables],
    rows: [
      ...rowsOf('fastify', fastify.played),
      ...fastifyRows(fastify.played),
      ...rowsOf('express', express.played),
    ],
  };
}

/** What is measured on both adapters. */
function rowsOf(adapter, played) {
  const served = played.get('served');
  const refused = played.get('refused');
  return [
    {
      id: `${adapter}-noop`,
      ...speedUp(served, 'floodgate', 'idle interceptor'),
    },
    { id: `${adapter}-edge`, ...speedUp(served, EDGE, 'plain') },
    { id: `${adapter}-refused`, ...speedUp(refused, EDGE, EMPTY) },
  ];
}

function fastifyRows(played) {
  const peer = peerOf.fastify;
  const refused = played.get('refused');
  return [
    {
      id: 'fastify-edge-peer',
      ...speedUp(played.get('served'), EDGE, peer),
    },
    {
      id: 'fastify-throttler',
      ...speedUp(played.get('sustained'), 'floodgate', THROTTLER),
    },
    { id: 'fastify-refused-peer', ...speedUp(refused, EDGE, peer) },
    {
      id: 'fastify-refused-interceptor',
      ...speedUp(refused, 'floodgate', THROTTLER),
    },
    {
      id: 'fastify-unlimited',
      ...speedUp(played.get('unlimited'), UNLIMITED, 'plain'),
    },
  ];
}
