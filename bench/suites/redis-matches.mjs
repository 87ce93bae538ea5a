export const THROTTLER = '@nest-lab/throttler-storage-redis';
export const OURS = 'floodgate over redis';
export const FLOOR = 'floor over redis';
export const LEASED = 'floodgate over redis, leases';

const libraries = ['redis', 'ioredis'];

const floors = libraries.map((library) => ({
  name: `floor over ${library}`,
  contestant: 'floor',
  library,
  quick: library === 'redis',
}));

const ours = libraries.map((library) => ({
  name: `floodgate over ${library}`,
  contestant: 'floodgate',
  library,
  quick: library === 'redis',
}));

/** What a script for one plan of two buckets cannot go below. */
const touching = {
  name: 'floor over redis, two keys read and written',
  contestant: 'floor',
  library: 'redis',
  script: 'touching',
};

/** Each with the client that its documentation shows first. */
const peers = [
  { name: THROTTLER, contestant: 'nestjs-throttler', quick: true },
  {
    name: 'rate-limiter-flexible over ioredis',
    contestant: 'rate-limiter-flexible',
  },
  { name: 'rate-limit-redis over redis', contestant: 'rate-limit-redis' },
];

const leased = libraries.map((library) => ({
  name: `floodgate over ${library}, leases`,
  contestant: 'floodgate',
  library,
  lease: true,
  quick: library === 'redis',
}));

/** The matches by their scenario, in the order in which they are played. */
export const matches = [
  {
    scenario: 'plan',
    seats: [...floors, touching, ...ours, ...peers],
    against: FLOOR,
    quick: true,
  },
  {
    scenario: 'client',
    seats: [...floors, ...ours, ...peers],
    against: FLOOR,
    quick: false,
  },
  {
    scenario: 'hot',
    seats: [...ours, ...leased],
    against: OURS,
    quick: true,
  },
];
