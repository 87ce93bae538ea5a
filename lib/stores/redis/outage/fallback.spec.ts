import { describe, expect, it } from 'vitest';
import { spec } from '../../bucket-store.fixture.js';
import { MemoryStore } from '../../memory-store.js';
import { LocalShare } from './fallback.js';

describe('the local share of an instance', () => {
  const open = (instances: () => number) => {
    const memory = new MemoryStore(() => 0, 100);
    return new LocalShare(instances, memory);
  };

  it('gives each of several concurrent readers its own verdict', () => {
    const plan = open(() => 1).plan([spec('all', 2), spec('each', 9, true)]);
    const verdicts = ['ann', 'ben', 'cleo'].map((key) =>
      plan.decide(['', key], [1, 1]),
    );
    expect(verdicts).toMatchObject([
      { admitted: true, tokens: [1, 8] },
      { admitted: true, tokens: [0, 8] },
      { admitted: false, tokens: [0, 9] },
    ]);
  });

  it('is a fraction of each limit, and at least one token', async () => {
    const plan = open(() => 4).plan([spec('ten', 10), spec('one', 1)]);
    expect(await plan.decide(['', ''], [0, 0])).toMatchObject({
      tokens: [2, 1],
    });
  });

  it('is not refilled when instances come and go', async () => {
    let instances = 2;
    const plan = open(() => instances).plan([spec('all', 10)]);
    let admitted = 0;
    for (let i = 0; i < 200; i++) {
      instances = 1 + (i % 4);
      if ((await plan.decide([''], [1])).admitted) admitted++;
    }
    expect(admitted).toBeLessThanOrEqual(10);
  });

  it('follows limits and instance counts that change at run time', async () => {
    let instances = 1;
    const share = open(() => instances);
    const tokens = async (plan: ReturnType<LocalShare['plan']>) =>
      Array.from((await plan.decide([''], [0])).tokens);
    const before = share.plan([spec('all', 10)]);
    expect(await tokens(before)).toEqual([10]);
    const after = share.plan([{ ...spec('all', 40), edition: 1 }]);
    expect(await tokens(after)).toEqual([40]);
    instances = 4;
    expect(await tokens(before)).toEqual([40]);
    expect(await tokens(after)).toEqual([10]);
  });
});
