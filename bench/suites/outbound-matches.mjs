const healthy = { path: '/small', answers: true };
const large = { path: '/large', answers: true };
const failing = { path: '/failing', answers: false };
const open = { path: '/small', answers: false, opens: true };

const callers = [
  'axios',
  'floodgate',
  'floodgate-entry',
  'opossum',
  'cockatiel',
  'undici',
  'floodgate-undici',
];
/** Those that a row names. */
const quickCallers = [
  'axios',
  'floodgate-entry',
  'opossum',
  'cockatiel',
  'floodgate-undici',
];
const breakers = ['floodgate', 'opossum', 'cockatiel'];

/** Every match with its contestants; a quick run plays `quickCallers`, which the rows need. */
export const matches = [
  {
    id: 'small-50',
    title: 'small JSON, 50 in flight',
    ...healthy,
    inFlight: 50,
    callers,
    quickCallers,
  },
  {
    id: 'small-1',
    title: 'small JSON, 1 in flight',
    ...healthy,
    inFlight: 1,
    callers,
  },
  {
    id: 'large-50',
    title: '100 KB, 50 in flight',
    ...large,
    inFlight: 50,
    callers,
  },
  {
    id: 'large-1',
    title: '100 KB, 1 in flight',
    ...large,
    inFlight: 1,
    callers,
  },
  {
    id: 'failing-50',
    title: 'a backend that answers 503, 50 in flight',
    ...failing,
    inFlight: 50,
    callers,
  },
  {
    id: 'open-1',
    title: 'an open breaker, 1 in flight',
    ...open,
    inFlight: 1,
    callers: breakers,
    against: 'opossum',
    quickCallers: ['floodgate', 'opossum'],
  },
  {
    id: 'open-50',
    title: 'an open breaker, 50 in flight',
    ...open,
    inFlight: 50,
    callers: breakers,
    against: 'opossum',
  },
];
