export const THROTTLER = '@nestjs/throttler';
export const UNLIMITED = 'floodgate, route without a limit';
export const EDGE = 'floodgate, edge';
export const EMPTY = 'empty handler, served';

const NAMES = { fastify: 'Fastify', express: 'Express' };

const small = { path: '/small', status: 200, clients: 1 };
const crowd = { ...small, clients: 1000 };
const refused = { path: '/small', status: 429, clients: 1, refuses: true };
const interceptor = { contestant: 'floodgate', phase: 'interceptor' };
const edge = { contestant: 'floodgate', phase: 'edge' };

/** The middleware that users of an adapter have without Nest. */
export const peerOf = {
  fastify: 'fastify-rate-limit',
  express: 'express-rate-limit',
};

/** Those that are compared with each other stand side by side. */
function servedSeats(adapter) {
  return [
    { name: 'idle interceptor', contestant: 'idle-interceptor', ...small },
    { name: 'floodgate', ...interceptor, ...small },
    { name: 'plain', contestant: 'plain', ...small },
    { name: EDGE, ...edge, ...small },
    { name: peerOf[adapter], contestant: peerOf[adapter], ...small },
  ].map((seat) => ({ ...seat, quick: true }));
}

/** Each client has a bucket of its own. */
function crowdSeats(adapter) {
  return [
    { name: 'plain', contestant: 'plain', ...crowd },
    { name: 'floodgate', ...interceptor, ...crowd },
    { name: EDGE, ...edge, ...crowd },
    { name: THROTTLER, contestant: 'nestjs-throttler', ...crowd },
    { name: peerOf[adapter], contestant: peerOf[adapter], ...crowd },
  ];
}

/** Two that run the same code, so that all that could tell them apart is chance: it takes many pairs of processes to even that out. */
function unlimitedSeats(adapter) {
  const quick = adapter === 'fastify';
  return [
    { name: 'plain', contestant: 'plain', ...small, quick },
    {
      name: UNLIMITED,
      ...interceptor,
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
    { name: 'floodgate', ...interceptor, ...small, quick },
    { name: THROTTLER, contestant: 'nestjs-throttler', ...small, quick },
  ];
}

function refusedSeats(adapter) {
  const empty = { ...small, path: '/empty' };
  return [
    { name: EMPTY, contestant: 'plain', ...empty },
    { name: EDGE, ...edge, ...refused },
    { name: peerOf[adapter], contestant: peerOf[adapter], ...refused },
    { name: 'floodgate', ...interceptor, ...refused },
    { name: THROTTLER, contestant: 'nestjs-throttler', ...refused },
  ].map((seat) => ({ ...seat, quick: true }));
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
      id: 'crowd',
      title: `${on}: served, 1,000 clients`,
      seats: crowdSeats(adapter),
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
      against: EMPTY,
    },
  ];
}
