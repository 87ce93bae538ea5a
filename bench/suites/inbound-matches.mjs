export const THROTTLER = '@nestjs/throttler';
export const UNLIMITED = 'floodgate, route without a limit';

const NAMES = { fastify: 'Fastify', express: 'Express' };

const small = { path: '/small', status: 200, clients: 1 };
const crowd = { ...small, clients: 1000 };
const refused = { path: '/small', status: 429, clients: 1, refuses: true };

/** The middleware that users of an adapter have without Nest. */
const peerOf = { fastify: 'fastify-rate-limit', express: 'express-rate-limit' };

/** Those that are compared with each other stand side by side. */
function servedSeats(adapter) {
  return [
    { name: 'plain', contestant: 'plain', ...small, quick: true },
    {
      name: 'idle interceptor',
      contestant: 'idle-interceptor',
      ...small,
      quick: true,
    },
    { name: 'floodgate', contestant: 'floodgate', ...small, quick: true },
    { name: 'floodgate, 1,000 clients', contestant: 'floodgate', ...crowd },
    {
      name: `${THROTTLER}, 1,000 clients`,
      contestant: 'nestjs-throttler',
      ...crowd,
    },
    { name: peerOf[adapter], contestant: peerOf[adapter], ...small },
  ];
}

/** Two that run the same code, so that all that could tell them apart is chance: it takes many pairs of processes to even that out. */
function unlimitedSeats(adapter) {
  const quick = adapter === 'fastify';
  return [
    { name: 'plain', contestant: 'plain', ...small, quick },
    {
      name: UNLIMITED,
      contestant: 'floodgate',
      unlimited: true,
      ...small,
      quick,
    },
  ];
}

/** Its cost grows with the hits of the last minute, so these two are loaded for a while before they are measured. */
function sustainedSeats(adapter) {
  const quick = adapter === 'fastify';
  return [
    { name: 'floodgate', contestant: 'floodgate', ...small, quick },
    { name: THROTTLER, contestant: 'nestjs-throttler', ...small, quick },
  ];
}

function refusedSeats(adapter) {
  return [
    {
      name: 'empty handler, served',
      contestant: 'plain',
      ...small,
      path: '/empty',
      quick: adapter === 'fastify',
    },
    {
      name: 'floodgate',
      contestant: 'floodgate',
      ...refused,
      quick: adapter === 'fastify',
    },
    { name: THROTTLER, contestant: 'nestjs-throttler', ...refused },
    { name: peerOf[adapter], contestant: peerOf[adapter], ...refused },
  ];
}

/** The matches on one adapter, in the order in which they are played. */
export function matchesOn(adapter) {
  const on = `Nest on ${NAMES[adapter]}`;
  return [
    {
      id: 'served',
      title: `${on}: served`,
      seats: servedSeats(adapter),
      against: 'plain',
    },
    {
      id: 'unlimited',
      title: `${on}: a route without a limit`,
      seats: unlimitedSeats(adapter),
      against: 'plain',
      pace: 'paired',
    },
    {
      id: 'sustained',
      title: `${on}: served, one client, after a while of steady load`,
      seats: sustainedSeats(adapter),
      against: 'floodgate',
      pace: 'sustained',
    },
    {
      id: 'refused',
      title: `${on}: refused`,
      seats: refusedSeats(adapter),
      against: 'empty handler, served',
    },
  ];
}
