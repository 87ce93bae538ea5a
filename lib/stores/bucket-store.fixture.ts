import { expect, it } from 'vitest';
import { bucketLimit } from '../core/bucket/bucket-limit.js';
import { BucketSpec, BucketStore, Verdict } from './bucket-store.js';

const HOUR_MS = 3_600_000;

/** A clock that stands still until a test sets it. */
export interface HandClock {
  nowMs: number;
}

/** A bucket that refills in one hour. */
export function spec(id: string, capacity: number, keyed = false): BucketSpec {
  const rate = { maxRate: capacity, everyMs: HOUR_MS, capacity };
  return { id, limit: bucketLimit(rate), keyed };
}

/** Copies a verdict, so that those of different stores compare equal. */
async function read(verdict: Verdict | Promise<Verdict>) {
  const { admitted, retryAfterMs, waitsMs, tokens } =
    verdict instanceof Promise ? await verdict : verdict;
  return {
    admitted,
    retryAfterMs,
    waitsMs: Array.from(waitsMs),
    tokens: Array.from(tokens),
  };
}

/**
 * The contract that every store fulfils. Each test uses ids of its own.
 *
 * @param store returns the store under test, which must use `clock`
 */
export function itIsAStore(store: () => BucketStore, clock: HandClock): void {
  let tests = 0;
  /** A plan of buckets that no other test uses. */
  function planOf(...specs: BucketSpec[]) {
    const own = `test-${++tests}:`;
    const make = () =>
      store().plan(specs.map((one) => ({ ...one, id: own + one.id })));
    const planned = make();
    return {
      again: make,
      decide: (keys: string[], costs: number[]) =>
        read(planned.decide(keys, costs)),
      adjust: async (keys: string[], deltas: number[]) =>
        planned.adjust(keys, deltas),
    };
  }

  it('starts with full buckets', async () => {
    const { decide } = planOf(spec('a', 3));
    expect(await decide([''], [0])).toMatchObject({
      admitted: true,
      tokens: [3],
    });
  });

  it('charges all buckets of a plan or none', async () => {
    const { decide } = planOf(spec('a', 5), spec('b', 1));
    await decide(['', ''], [1, 1]);
    const refused = await decide(['', ''], [1, 1]);
    expect(refused).toMatchObject({ admitted: false, tokens: [4, 0] });
    expect(refused.waitsMs[0]).toBe(0);
    expect(refused.retryAfterMs).toBe(refused.waitsMs[1]);
    expect(await decide(['', ''], [1, 0])).toMatchObject({ tokens: [3, 0] });
  });

  it('has one bucket per id, whichever plans name it', async () => {
    const { decide, again } = planOf(spec('shared', 3));
    await decide([''], [2]);
    const other = again();
    expect(await read(other.decide([''], [1]))).toMatchObject({ tokens: [0] });
    expect(await decide([''], [1])).toMatchObject({ admitted: false });
  });

  it('separates keys, but only when the plan says so', async () => {
    const { decide } = planOf(spec('all', 3), spec('each', 1, true));
    const passes = async (key: string) =>
      (await decide(['', key], [1, 1])).admitted;
    expect(await passes('ann')).toBe(true);
    expect(await passes('ann')).toBe(false);
    expect(await passes('ben')).toBe(true);
    expect((await decide(['', 'cleo'], [1, 1])).tokens[0]).toBe(0);
  });

  it('needs no keys when no bucket is keyed', async () => {
    const { decide, adjust } = planOf(spec('a', 3), spec('b', 3));
    expect(await decide([], [1, 2])).toMatchObject({ tokens: [2, 1] });
    await adjust([], [1, -1]);
    expect(await decide([], [0, 0])).toMatchObject({ tokens: [1, 2] });
  });

  it('never mixes up two keys, whatever they contain', async () => {
    const keys = ['a', 'a|b', '{a}', '}', '__proto__', '%7C', 'ü\0\r\n', ' '];
    const { decide } = planOf(spec('x', 1, true), spec('x|a', 9));
    for (const key of keys) {
      expect(await decide([key, ''], [1, 1])).toMatchObject({ admitted: true });
    }
    expect(await decide([keys[0], ''], [0, 0])).toMatchObject({
      tokens: [0, 1],
    });
  });

  it('reports the exact wait', async () => {
    const { decide } = planOf(spec('a', 7));
    await decide([''], [7]);
    const { retryAfterMs } = await decide([''], [1]);
    expect(retryAfterMs).toBeCloseTo(HOUR_MS / 7, 2);
    clock.nowMs += retryAfterMs - 0.01;
    expect(await decide([''], [1])).toMatchObject({ admitted: false });
    clock.nowMs += 0.01;
    expect(await decide([''], [1])).toMatchObject({ admitted: true });
  });

  it('does not postpone the next token after a refusal', async () => {
    const { decide } = planOf(spec('a', 1));
    await decide([''], [1]);
    for (let i = 0; i < 10; i++) {
      clock.nowMs += HOUR_MS / 11;
      expect(await decide([''], [1])).toMatchObject({ admitted: false });
    }
    clock.nowMs += HOUR_MS / 10;
    expect(await decide([''], [1])).toMatchObject({ admitted: true });
  });

  it('never holds more than the capacity', async () => {
    const { decide } = planOf(spec('a', 2));
    await decide([''], [1]);
    clock.nowMs += 10 * HOUR_MS;
    expect(await decide([''], [2])).toMatchObject({
      admitted: true,
      tokens: [0],
    });
    expect(await decide([''], [1])).toMatchObject({ admitted: false });
  });

  it.each([3.5, Infinity, NaN, -1])(
    'never admits a cost of %d from a bucket of 3, whatever the wait',
    async (cost) => {
      const { decide } = planOf(spec('a', 3));
      const { admitted, retryAfterMs, tokens } = await decide([''], [cost]);
      expect({ admitted, retryAfterMs, tokens }).toEqual({
        admitted: false,
        retryAfterMs: Infinity,
        tokens: [3],
      });
    },
  );

  it('accepts fractional figures', async () => {
    const { decide } = planOf(spec('a', 1));
    const { tokens } = await decide([''], [0.1]);
    expect(tokens[0]).toBe(1 - 0.1);
  });

  it('returns tokens, but never above the capacity', async () => {
    const { decide, adjust } = planOf(spec('a', 5), spec('b', 5, true));
    await decide(['', 'ann'], [4, 4]);
    await adjust(['', 'ann'], [-2, -9]);
    expect(await decide(['', 'ann'], [0, 0])).toMatchObject({ tokens: [3, 5] });
  });

  it('charges afterwards, up to a debt of one capacity', async () => {
    const { decide, adjust } = planOf(spec('a', 5));
    await adjust([''], [7]);
    expect(await decide([''], [1])).toMatchObject({
      admitted: false,
      tokens: [-2],
    });
    await adjust([''], [100]);
    const { retryAfterMs, tokens } = await decide([''], [1]);
    expect(tokens).toEqual([-5]);
    clock.nowMs += retryAfterMs;
    expect(await decide([''], [1])).toMatchObject({ admitted: true });
  });

  it('reads keys and costs before it returns', async () => {
    const { again } = planOf(spec('each', 1, true));
    const [keys, costs] = [['ann'], [1]];
    const planned = again();
    const first = read(planned.decide(keys, costs));
    keys[0] = 'ben';
    const second = read(planned.decide(keys, costs));
    costs[0] = 5;
    expect([(await first).admitted, (await second).admitted]).toEqual([
      true,
      true,
    ]);
  });

  it('reads keys and deltas before adjust returns', async () => {
    const { again } = planOf(spec('each', 5, true));
    const [keys, deltas] = [['ann'], [2]];
    const planned = again();
    const adjusted = planned.adjust(keys, deltas);
    keys[0] = 'ben';
    deltas[0] = 5;
    await adjusted;
    const ann = await read(planned.decide(['ann'], [0]));
    const ben = await read(planned.decide(['ben'], [0]));
    expect([ann.tokens, ben.tokens]).toEqual([[3], [5]]);
  });

  it('gives each of several concurrent calls its own verdict', async () => {
    const { again } = planOf(spec('all', 2), spec('each', 9, true));
    const planned = again();
    const decided = ['ann', 'ben', 'cleo'].map((key) => {
      const verdict = planned.decide(['', key], [1, 1]);
      // A synchronous verdict must be read at once.
      return store().isLocal ? read(verdict) : verdict;
    });
    expect(await Promise.all(decided)).toMatchObject([
      { admitted: true, tokens: [1, 8] },
      { admitted: true, tokens: [0, 8] },
      { admitted: false, tokens: [0, 9] },
    ]);
  });

  it('rejects a plan that names a bucket twice', () => {
    expect(() => store().plan([spec('a', 1), spec('a', 1)])).toThrow(
      RangeError,
    );
  });
}
