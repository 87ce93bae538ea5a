import type { Behaviour } from '../upstreams/behaviour.js';
import { SLOW_MS } from './limits.js';
import type { Crowd } from './traffic.js';

export type PhaseName =
  'steady' | 'greedy' | 'quota' | 'crowd' | 'slow' | 'failing' | 'recovered';

/** A stretch of the demo: who calls, and for how long. */
export interface Phase {
  name: PhaseName;
  title: string;
  seconds: number;
  crowds: Crowd[];
  /** What prices are told as it begins. */
  prices?: Behaviour;
  /** Begins with full buckets, after a pause. */
  rested: boolean;
}

const page = (n: number) => `/products/${1 + (n % 12)}`;
const similar = (n: number) => `/products/${1 + (n % 12)}/similar`;
const price = (n: number) => `/prices/${1 + (n % 12)}`;
const search = () => '/search?q=lamp';

const people = (count: number) =>
  Array.from({ length: count }, (_, index) => `customer-${index}`);

const polite: Crowd = {
  group: 'polite',
  customers: ['alice', 'bob', 'carol'],
  perSecond: 3,
  path: page,
};

const shoppers: Crowd[] = [
  { ...polite, group: 'pages' },
  { group: 'prices', customers: ['dave'], perSecond: 4, path: price },
];

export const phases: Phase[] = [
  {
    name: 'steady',
    title: '1 steady traffic',
    seconds: 2,
    rested: false,
    crowds: [
      polite,
      { group: 'search', customers: ['dave'], perSecond: 4, path: search },
    ],
  },
  {
    // Everyone calls from 127.0.0.1 here, as from behind one office's address:
    // it takes the API key to tell the greedy one from the others.
    name: 'greedy',
    title: '2 one greedy client',
    seconds: 2.5,
    rested: true,
    crowds: [
      polite,
      { group: 'greedy', customers: ['mallory'], perSecond: 60, path: page },
    ],
  },
  {
    name: 'quota',
    title: '3 search over its quota',
    seconds: 2.5,
    rested: true,
    crowds: [
      polite,
      { group: 'search', customers: people(10), perSecond: 4, path: search },
    ],
  },
  {
    // Nobody is greedy, all together are too many: only the backends' own
    // limits stand between this crowd and the backends.
    name: 'crowd',
    title: '4 a polite crowd',
    seconds: 3,
    rested: true,
    crowds: [
      { group: 'pages', customers: people(30), perSecond: 2, path: page },
      { group: 'similar', customers: ['erin'], perSecond: 15, path: similar },
    ],
  },
  {
    name: 'slow',
    title: '5 prices turn slow',
    seconds: 3,
    rested: true,
    prices: { mode: 'slow', delayMs: SLOW_MS },
    crowds: shoppers,
  },
  {
    name: 'failing',
    title: '  then fail',
    seconds: 2.5,
    rested: false,
    prices: { mode: 'fail', delayMs: 0 },
    crowds: shoppers,
  },
  {
    name: 'recovered',
    title: '  then recover',
    seconds: 2.5,
    rested: false,
    prices: { mode: 'ok', delayMs: 0 },
    crowds: shoppers,
  },
];
