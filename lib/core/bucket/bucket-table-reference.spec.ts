import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketLimit, bucketLimit } from './bucket-limit.js';
import { BucketTable } from './bucket-table.js';
import { callTable, sharesOverflow } from './table-traffic.fixture.js';
import { TokenBucket } from './token-bucket.js';
import { Call, traffic } from './traffic.fixture.js';

/** A bucket for every key that was ever seen; nothing is forgotten. */
class UnboundedTable {
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(private readonly limit: BucketLimit) {}

  bucketOf({ key, nowMs }: Call): TokenBucket {
    const known = this.buckets.get(key);
    if (known !== undefined) return known;
    const bucket = new TokenBucket(this.limit, nowMs);
    this.buckets.set(key, bucket);
    return bucket;
  }

  get size(): number {
    return this.buckets.size;
  }
}

/** What a caller learns from one call. */
interface Answer {
  readonly waitMs: number;
  readonly passed: boolean;
  readonly left: number;
}

function answerOfBucket(bucket: TokenBucket, { cost, nowMs }: Call): Answer {
  const waitMs = bucket.waitMs(cost, nowMs);
  const passed = bucket.tryTake(cost, nowMs);
  return { waitMs, passed, left: bucket.available(nowMs) };
}

function answerOfTable(table: BucketTable, call: Call): Answer {
  const { key, cost, nowMs } = call;
  const waitMs = table.levels.waitMs(table.find(key), cost, nowMs);
  const passed = callTable(table, call) !== undefined;
  return {
    waitMs,
    passed,
    left: table.levels.tokensIn(table.find(key), nowMs),
  };
}

/** Makes the calls of both, until the table overflows. */
function compare(table: BucketTable, calls: readonly Call[]) {
  const reference = new UnboundedTable(table.limit);
  const answers: Answer[] = [];
  const expected: Answer[] = [];
  for (const call of calls) {
    const bucket = reference.bucketOf(call);
    const answer = answerOfTable(table, call);
    if (answer.passed && sharesOverflow(table, call.key)) break;
    answers.push(answer);
    expected.push(answerOfBucket(bucket, call));
  }
  return { answers, expected, forgotten: reference.size - table.size };
}

describe('a bucket table that never overflows', () => {
  it('answers as if it had never evicted a key', () => {
    fc.assert(
      fc.property(traffic(8), ({ limit, calls }) => {
        const table = new BucketTable(limit, 8);
        const { answers, expected } = compare(table, calls);
        expect(answers).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('does so until the very call that overflows it', () => {
    const bounds = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(traffic(20), bounds, ({ limit, calls }, maxKeys) => {
        const table = new BucketTable(limit, maxKeys);
        const { answers, expected } = compare(table, calls);
        expect(answers).toEqual(expected);
      }),
      { numRuns: 600 },
    );
  });

  it('does so although it evicts nearly every key', () => {
    const limit = bucketLimit({ maxRate: 100, everyMs: 1_000, capacity: 2 });
    const calls = Array.from({ length: 5_000 }, (_, i) => ({
      key: `client-${(i * 7) % 1_000}`,
      cost: 1 + (i % 2),
      nowMs: i,
    }));
    const table = new BucketTable(limit, 30);
    const { answers, expected, forgotten } = compare(table, calls);
    expect(answers).toHaveLength(5_000);
    expect(answers).toEqual(expected);
    expect(forgotten).toBeGreaterThanOrEqual(970);
  });
});
