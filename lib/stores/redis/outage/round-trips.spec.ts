import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bucketLimit } from '../../../core/bucket/bucket-limit.js';
import { ReconnectingLink } from '../link/reconnecting-link.js';
import { RedisLink } from '../link/redis-link.js';
import { Batches } from '../plan/batches.js';
import { BucketKeys } from '../plan/bucket-keys.js';
import { decodeFloat64s, encodeFloat64s } from '../plan/float64.js';
import { RedisPlan } from '../plan/redis-plan.js';
import { open } from './fallback.js';
import { RoundTrips } from './round-trips.js';

const BUDGET_MS = 10;
const limit = bucketLimit({ maxRate: 5, everyMs: 1_000, capacity: 5 });
const specs = [
  { id: 'all', limit, keyed: false },
  { id: 'each', limit, keyed: true },
];

type Reply = (question: readonly number[]) => unknown;

/** A plan whose Redis replies whatever `reply` says. */
function planOver(reply: Reply | undefined, budgetMs = BUDGET_MS) {
  const told: (string | undefined)[] = [];
  let links = 0;
  const lay = (): RedisLink => ({
    isCluster: false,
    trouble: undefined,
    slotOf: () => 0,
    nodeOf: () => '',
    isReady: () => true,
    connect: () => Promise.resolve(links++),
    send: (_, [, , count, ...rest]) => {
      if (!reply) return new Promise(() => {});
      const figures = rest[Number(count)];
      return Promise.resolve(
        reply(Buffer.isBuffer(figures) ? decodeFloat64s(figures) : []),
      );
    },
    close() {},
  });
  const link = new ReconnectingLink(lay);
  const roundTrips = new RoundTrips(
    link,
    budgetMs,
    () => performance.now(),
    (_, reason) => told.push(reason),
  );
  const batches = new Batches(link, roundTrips);
  onTestFinished(() => {
    batches.close();
    roundTrips.close();
    link.close();
  });
  const keys = specs.map(
    (spec) => new BucketKeys({ prefix: 'test', isCluster: false }, spec),
  );
  const plan = new RedisPlan(specs, keys, batches, open.plan(specs));
  const decide = async () => plan.decide(['', 'ann'], [1, 1]);
  return { roundTrips, told, decide, connects: () => links };
}

describe('a Redis that does not answer', () => {
  it('uses up its budget and is reported once as an outage', async () => {
    const { told, decide } = planOver(undefined);
    const both = await Promise.all([decide(), decide()]);
    expect(both).toMatchObject([{ isUnknown: true }, { isUnknown: true }]);
    expect(told).toEqual([`no answer in ${BUDGET_MS} ms`]);
  });

  it('is not an outage when the store closes meanwhile', async () => {
    const { roundTrips, told, decide } = planOver(undefined);
    const decided = decide();
    roundTrips.close();
    expect(await decided).toMatchObject({ isUnknown: true });
    expect(told).toEqual([]);
  });
});

/** The doubles that Redis replies to a plan of two buckets. */
const answer = (number: number, units: number, ...tokens: number[]) =>
  encodeFloat64s([number, units, ...tokens]);

describe('a server that replies like something other than Redis', () => {
  const others: [string, Reply][] = [
    ['OK', () => 'OK'],
    ['a number', () => 1],
    ['an empty list', () => []],
    ['a list', () => [Buffer.alloc(8), 1, null]],
    ['nothing', () => null],
    ['no reply at all', () => undefined],
    ['an object', () => ({ length: 32 })],
    ['a big integer', () => 1n],
    ['no bytes', () => Buffer.alloc(0)],
    ['bytes that are no doubles', () => Buffer.alloc(31)],
    ['the first figure alone', ([, number]) => encodeFloat64s([number])],
    ['eight bytes', () => Buffer.alloc(8, 1)],
    ['too few figures', ([, number]) => answer(number, 1, 4)],
    ['too many figures', ([, number]) => answer(number, 1, 4, 4, 4)],
    [
      'the answer to another question',
      ([, number]) => answer(number - 1, 1, 4, 4),
    ],
    ['more requests than asked for', ([, number]) => answer(number, 2, 4, 4)],
    ['part of a request', ([, number]) => answer(number, 0.5, 4, 4)],
    ['less than no request', ([, number]) => answer(number, -1, 4, 4)],
    ['requests that are no number', ([, number]) => answer(number, NaN, 4, 4)],
    ['tokens that are no number', ([, number]) => answer(number, 1, NaN, 4)],
    ['more tokens than there can be', ([, number]) => answer(number, 1, 4, 6)],
  ];

  it.each(others)(
    'counts as an outage, decided by the policy within the budget and reported once: %s',
    async (_, reply) => {
      const { told, decide } = planOver(reply, 10_000);
      const first = await Promise.all([decide(), decide(), decide()]);
      const later = await decide();
      for (const verdict of [...first, later]) {
        expect(verdict).toMatchObject({ admitted: true, isUnknown: true });
      }
      expect(told).toEqual([expect.stringContaining('where Redis replies')]);
    },
  );

  it('counts as an outage, whatever it replies', async () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    );
    const held = fc.asyncProperty(anything, async (reply) => {
      const { told, decide } = planOver(() => reply, 10_000);
      expect(await decide()).toMatchObject({ isUnknown: true });
      expect(told).toHaveLength(1);
    });
    await fc.assert(held, { numRuns: 200 });
  });

  it('is queried over a new connection, because the old one may be out of step', async () => {
    const { decide, connects } = planOver(() => 'OK');
    await decide();
    expect(connects()).toBe(1);
  });

  it('is trusted once it replies like Redis', async () => {
    const { told, decide } = planOver(
      ([, number]) => answer(number, 1, 4, 4),
      10_000,
    );
    expect(await decide()).toMatchObject({ admitted: true, tokens: [4, 4] });
    expect(told).toEqual([]);
  });
});
