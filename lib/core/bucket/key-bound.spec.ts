import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Plan } from '../plan/plan.js';
import { ALL_OF_IT, largestShareOfAKey } from './admitted.fixture.js';
import { bucketLimit } from './bucket-limit.js';
import { BucketTable } from './bucket-table.js';
import { KeyBound } from './key-bound.js';
import {
  callTable,
  sharesOverflow,
  TableAdmission,
} from './table-traffic.fixture.js';
import { Call, traffic } from './traffic.fixture.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const FAST = bucketLimit({ maxRate: 1, everyMs: 1_000, capacity: 1 });
const SLOW = bucketLimit({ maxRate: 1, everyMs: 3_600_000, capacity: 1 });
/** As slow, for a crowd. */
const LARGE = bucketLimit({
  maxRate: 1e6,
  everyMs: 3_600_000_000,
  capacity: 1e6,
});
const TABLES = 3;

/** Makes so many calls of different keys, one every `stepMs` milliseconds from `nowMs`. */
function flood(table: BucketTable, calls: number, nowMs: number, stepMs = 0) {
  for (let i = 0; i < calls; i++) {
    const at = nowMs + i * stepMs;
    callTable(table, { key: `${nowMs}-${i}`, cost: 1, nowMs: at });
  }
}

/** Calls to several tables under one bound, and what each of them did. */
function callsOfTables(
  bound: KeyBound,
  { limit, calls }: { limit: typeof FAST; calls: readonly Call[] },
  afterEach: (tables: readonly BucketTable[]) => void,
) {
  const tables = Array.from(
    { length: TABLES },
    () => new BucketTable(limit, bound),
  );
  const admitted: TableAdmission[][] = tables.map(() => []);
  calls.forEach((call, i) => {
    const at = (i * 7) % TABLES;
    const admission = callTable(tables[at], call);
    if (admission) admitted[at].push(admission);
    afterEach(tables);
  });
  return { tables, admitted };
}

describe('a bound of several tables', () => {
  const bounds = fc.integer({ min: 1, max: 6 });

  it('is never passed by all of them together', () => {
    fc.assert(
      fc.property(traffic(20), bounds, (generated, maxKeys) => {
        const bound = new KeyBound(maxKeys, 8);
        callsOfTables(bound, generated, (tables) => {
          const size = tables.reduce((sum, table) => sum + table.size, 0);
          expect(size).toBe(bound.size);
          expect(size).toBeLessThanOrEqual(maxKeys);
        });
      }),
    );
  });

  it('lets no key of any table have more than its limit', () => {
    fc.assert(
      fc.property(traffic(12), bounds, (generated, maxKeys) => {
        const bound = new KeyBound(maxKeys, 8);
        const { admitted } = callsOfTables(bound, generated, () => {});
        for (const ofTable of admitted) {
          const share = largestShareOfAKey(generated.limit, ofTable);
          expect(share).toBeLessThanOrEqual(ALL_OF_IT);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('forgets no bucket but full ones, in whichever table', () => {
    fc.assert(
      fc.property(traffic(20), bounds, ({ limit, calls }, maxKeys) => {
        const bound = new KeyBound(maxKeys, 8);
        const tables = Array.from(
          { length: TABLES },
          () => new BucketTable(limit, bound),
        );
        const keys = [...new Set(calls.map(({ key }) => key))];
        const owned = (nowMs: number) =>
          tables.flatMap((table) =>
            keys
              .filter((key) => !sharesOverflow(table, key))
              .map((key) => ({
                table,
                key,
                tokens: table.levels.tokensIn(table.find(key), nowMs),
              })),
          );
        calls.forEach((call, i) => {
          const before = owned(call.nowMs);
          callTable(tables[(i * 7) % TABLES], call);
          const forgotten = before.filter(({ table, key }) =>
            sharesOverflow(table, key),
          );
          for (const { tokens } of forgotten) {
            expect(tokens).toBe(limit.capacity);
          }
        });
      }),
      { numRuns: 150 },
    );
  });

  it('leaves places to the clients of other tables, however many are flooded', () => {
    const bound = new KeyBound(10_000, 1);
    for (let flooded = 1; flooded <= 10; flooded++) {
      flood(new BucketTable(SLOW, bound), 50_000, 0);
      const calm = new BucketTable(SLOW, bound);
      callTable(calm, { key: 'regular', cost: 1, nowMs: 0 });
      expect(sharesOverflow(calm, 'regular')).toBe(false);
    }
  });

  it('takes the place of a full bucket from any of a thousand tables', () => {
    const bound = new KeyBound(5_000, 8);
    const idle = Array.from(
      { length: 999 },
      () => new BucketTable(SLOW, bound),
    );
    for (const table of idle) flood(table, 1, 0);
    const full = new BucketTable(FAST, bound);
    flood(full, 5_000, 0);
    const before = full.size;
    const busy = new BucketTable(LARGE, bound);
    flood(busy, 10_000, 5_000);
    expect(busy.size).toBeGreaterThan(0.8 * before);
    expect(full.size).toBeLessThan(0.2 * before);
    expect(bound.size).toBeLessThanOrEqual(5_000);
  });

  it('keeps every level of a table that becomes smaller', () => {
    const bound = new KeyBound(1_000);
    const limit = bucketLimit({ maxRate: 10, everyMs: 1_000, capacity: 10 });
    const table = new BucketTable(limit, bound);
    const kept = Array.from({ length: 20 }, (_, i) => `kept-${i}`);
    flood(table, 800, 0);
    kept.forEach((key, i) => {
      callTable(table, { key, cost: 10, nowMs: 1_000 + i });
    });
    flood(new BucketTable(LARGE, bound), 5_000, 1_500);
    expect(table.size).toBe(kept.length);
    kept.forEach((key, i) => {
      const tokens = table.levels.tokensIn(table.find(key), 1_500);
      expect(tokens).toBeCloseTo((500 - i) / 100);
    });
    // And those can still be forgotten and found.
    flood(table, 100, 1_500);
    table.relimit(SLOW, 1_500);
    expect(table.forgetFull(9_999_999)).toBe(true);
  });

  it('holds for the memory of tables that are flooded one after the other', () => {
    const held = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers / 1e6;
    };
    const before = held();
    const bound = new KeyBound(20_000, 8);
    const tables = Array.from({ length: 200 }, (_, i) => {
      const table = new BucketTable(FAST, bound);
      flood(table, 20_000, i * 2_000);
      // One of its buckets is never full.
      table.adjust('debtor', 1, i * 2_000);
      table.relimit(FAST, i * 2_000);
      return table;
    });
    // All of them as large as they were would be 300 MB.
    expect(held() - before).toBeLessThan(30);
    expect(tables).toHaveLength(200);
  }, 60_000);

  it('charges the right buckets of a plan whose newcomer makes another table forget one', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            ours: fc.nat(30),
            theirs: fc.nat(30),
            gapMs: fc.constantFrom(0, 10, 900, 3_000),
          }),
          { minLength: 1, maxLength: 60, size: 'max' },
        ),
        (calls) => {
          const limit = bucketLimit({
            maxRate: 1,
            everyMs: 1_000,
            capacity: 2,
          });
          const bound = new KeyBound(8, 8);
          const [first, second] = [0, 1].map(
            () => new BucketTable(limit, bound),
          );
          const plan = new Plan([first, second]);
          const admitted: (Call & { table: number })[] = [];
          let nowMs = 0;
          for (const { ours, theirs, gapMs } of calls) {
            nowMs += gapMs;
            const keys = [`a-${ours}`, `b-${theirs}`];
            if (!plan.decide(keys, [1, 1], nowMs)) continue;
            keys.forEach((key, table) =>
              admitted.push({ key, cost: 1, nowMs, table }),
            );
            const left = [first, second].map((table, i) =>
              table.levels.tokensIn(table.find(keys[i]), nowMs),
            );
            expect([...plan.tokens]).toEqual(left);
          }
          const share = largestShareOfAKey(limit, admitted);
          expect(share).toBeLessThanOrEqual(ALL_OF_IT);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([0, 1.5, NaN])('is no %d', (maxKeys) => {
    expect(() => new KeyBound(maxKeys)).toThrow(RangeError);
  });
});
