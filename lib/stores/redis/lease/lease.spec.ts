import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketLimit } from '../../../core/bucket/bucket-limit.js';
import { Arrival, Fleet, SimulatedFleet } from './fleet.fixture.js';
import { Lease } from './lease.js';

const RUN_MS = 2_000;
const ROUNDING = 1e-6;

/** Rates of 20 to 2000 a second, fleets of up to five, and messages that take up to 20 ms. */
const fleets: fc.Arbitrary<Fleet> = fc
  .record({
    maxRate: fc.integer({ min: 20, max: 2_000 }),
    capacity: fc.integer({ min: 1, max: 200 }),
    share: fc.double({ min: 0, max: 0.5, noNaN: true }),
    instances: fc.integer({ min: 1, max: 5 }),
    lifeMs: fc.integer({ min: 5, max: 200 }),
    tripMs: fc.constantFrom(0, 0.25, 3, 20),
    crashes: fc.array(
      fc.record({ atMs: fc.nat(RUN_MS), instance: fc.nat(4) }),
      { maxLength: 3 },
    ),
  })
  .map(({ maxRate, capacity, share, crashes, ...fleet }) => ({
    ...fleet,
    crashes: crashes.filter(({ instance }) => instance < fleet.instances),
    limit: bucketLimit({ maxRate, everyMs: 1_000, capacity }),
    mostTokens: Math.floor(capacity * share),
  }));

/** Bursts and rests, on any instance. */
const traffic = fc
  .array(
    fc.record({
      atMs: fc.nat(RUN_MS),
      instance: fc.nat(4),
      count: fc.integer({ min: 1, max: 30 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((bursts) =>
    bursts.flatMap(({ count, ...arrival }) =>
      Array.from({ length: count }, () => arrival),
    ),
  );

function within(arrivals: readonly Arrival[], { instances }: Fleet): Arrival[] {
  return arrivals.map(({ atMs, instance }) => ({
    atMs,
    instance: instance % instances,
  }));
}

/** How much more was admitted in some interval than one bucket would have. */
function worstOvershoot({ limit }: Fleet, admittedMs: readonly number[]) {
  let worst = 0;
  for (const [i, firstMs] of admittedMs.entries()) {
    for (let j = i; j < admittedMs.length; j++) {
      const allowed =
        limit.capacity + (admittedMs[j] - firstMs) * limit.tokensPerMs;
      worst = Math.max(worst, j - i + 1 - allowed);
    }
  }
  return worst;
}

describe('a fleet with leases', () => {
  it('never admits more than one bucket plus what its instances may hold, with or without crashes', async () => {
    const held = fc.asyncProperty(fleets, traffic, async (fleet, arrivals) => {
      const simulated = new SimulatedFleet(fleet);
      await simulated.run(within(arrivals, fleet));
      // What was sold is used when the answer is there: a trip later.
      const onTheWay = 2 * fleet.tripMs * fleet.limit.tokensPerMs;
      const most = fleet.instances * fleet.mostTokens + onTheWay;
      expect(worstOvershoot(fleet, simulated.admittedMs)).toBeLessThanOrEqual(
        most + fleet.limit.capacity * ROUNDING,
      );
    });
    await fc.assert(held, { numRuns: 150 });
  });

  it('uses everything except what is held or lost, under enough demand and capacity', async () => {
    const used = fc.asyncProperty(fleets, async (fleet) => {
      const { limit, instances, mostTokens, crashes, tripMs } = fleet;
      const everyMs = (1_000 / limit.maxRate / 2) * instances;
      const meanwhileMs = fleet.lifeMs + 4 * tripMs + everyMs;
      fc.pre(
        limit.capacity >
          meanwhileMs * limit.tokensPerMs + instances * mostTokens + 2,
      );
      const arrivals: Arrival[] = [];
      for (let atMs = 0; atMs < RUN_MS; atMs += everyMs) {
        for (let i = 0; i < instances; i++)
          arrivals.push({ atMs, instance: i });
      }
      const simulated = new SimulatedFleet(fleet);
      await simulated.run(arrivals);
      const supply = limit.capacity + RUN_MS * limit.tokensPerMs;
      const demand = arrivals.length;
      const idle = instances * (mostTokens + 1);
      const lost = crashes.length * (simulated.mostLost + mostTokens);
      const late = (2 * tripMs + everyMs) * limit.tokensPerMs + 1;
      const crashed = (crashes.length * 2 * tripMs) / everyMs;
      expect(simulated.admittedMs.length).toBeGreaterThanOrEqual(
        Math.min(supply, demand) - idle - lost - late - crashed - 1,
      );
    });
    await fc.assert(used, { numRuns: 20 });
  }, 30_000);

  it('makes one round trip for many requests of a hot key, and one for each of a quiet one', async () => {
    const fleet: Fleet = {
      limit: bucketLimit({ maxRate: 1_000, everyMs: 1_000, capacity: 1_000 }),
      instances: 1,
      mostTokens: 100,
      lifeMs: 100,
      tripMs: 0.25,
      crashes: [],
    };
    const tripsAt = async (everyMs: number) => {
      const simulated = new SimulatedFleet(fleet);
      const arrivals = Array.from({ length: 1_000 }, (_, i) => ({
        atMs: i * everyMs,
        instance: 0,
      }));
      await simulated.run(arrivals);
      expect(simulated.admittedMs).toHaveLength(1_000);
      return simulated.trips;
    };
    expect(await tripsAt(1)).toBeLessThan(30);
    expect(await tripsAt(300)).toBe(1_000);
  });

  it('makes one request for all callers that arrive together', async () => {
    const simulated = new SimulatedFleet({
      limit: bucketLimit({ maxRate: 1, everyMs: 3_600_000, capacity: 50 }),
      instances: 1,
      mostTokens: 0,
      lifeMs: 100,
      tripMs: 5,
      crashes: [],
    });
    const arrival = { atMs: 0, instance: 0 };
    await simulated.run(Array.from({ length: 80 }, () => arrival));
    expect(simulated.admittedMs).toHaveLength(50);
    expect(simulated.refused).toBe(30);
    // The first alone; then all the others, who came while it was under way.
    expect(simulated.trips).toBe(2);
  });
});

describe('a lease', () => {
  const lease = () => new Lease({ mostTokens: [10], lifeMs: 100 });

  it('covers only what was paid for', () => {
    const one = lease();
    one.grant(2, [1], 0);
    expect([1, 2, 3].map(() => one.spend([1], 50))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('cannot be spent after it expires, and then returns what is left once', () => {
    const one = lease();
    one.grant(3, [1], 0);
    one.spend([1], 50);
    expect(one.takeBack(99)).toBeUndefined();
    expect(one.spend([1], 100)).toBe(false);
    expect(one.takeBack(100)).toEqual([2]);
    expect(one.takeBack(100)).toBeUndefined();
  });

  it('pays for waiting calls, and ahead for no more than its terms', () => {
    const one = lease();
    for (let i = 0; i < 50; i++) one.arrive(0);
    expect(one.unitsFor(1, [1], 1)).toBe(10);
    expect(one.unitsFor(1, [4], 1)).toBe(2);
    expect(one.unitsFor(30, [1], 1)).toBe(30);
    expect(one.unitsFor(1, [1], 500)).toBe(1);
  });

  it('rejects an invalid cost', () => {
    const one = lease();
    one.grant(3, [1], 0);
    expect([NaN, -1].map((cost) => one.spend([cost], 1))).toEqual([
      false,
      false,
    ]);
  });
});
