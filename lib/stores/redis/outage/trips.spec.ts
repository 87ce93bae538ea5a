import { describe, expect, it } from 'vitest';
import { LaidLink } from '../link/laid-link.js';
import { RedisLink } from '../link/redis-link.js';
import { Script } from '../script.js';
import { Trips } from './trips.js';

const BUDGET_MS = 10;
const SCRIPT = new Script('return 1');

/** It takes what is sent and answers nothing. */
const silent: RedisLink = {
  isCluster: false,
  slotOf: () => 0,
  nodeOf: () => '',
  isReady: () => true,
  connect: () => Promise.resolve(),
  send: () => new Promise(() => {}),
  close() {},
};

function tripsTo(link: RedisLink) {
  const told: (string | undefined)[] = [];
  const trips = new Trips(
    new LaidLink(() => link),
    BUDGET_MS,
    () => performance.now(),
    (_, reason) => told.push(reason),
  );
  const begin = () => {
    const trip = trips.begin('', () => 'probe')!;
    void trips.run(trip, SCRIPT, ['key'], []);
    return trip.ended;
  };
  return { trips, told, begin };
}

describe('trips to a Redis that does not answer', () => {
  it('end with their budget, which is told once as an outage', async () => {
    const { trips, told, begin } = tripsTo(silent);
    const both = Promise.all([begin(), begin()]);
    expect(await both).toEqual([undefined, undefined]);
    expect(told).toEqual([`no answer in ${BUDGET_MS} ms`]);
    trips.close();
  });

  it('end when they are closed, which is no outage', async () => {
    const { trips, told, begin } = tripsTo(silent);
    const ended = begin();
    trips.close();
    expect(await ended).toBeUndefined();
    expect(told).toEqual([]);
  });
});
