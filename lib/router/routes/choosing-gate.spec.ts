import { describe, expect, it } from 'vitest';
import { part } from '../parts.fixture.js';
import { RoutePart } from './route-part.js';
import { LimitChoice } from '../choice/limit-choice.js';
import { RejectionKind } from '../reject/rejection.js';
import { RpcRequest } from '../rpc-request.fixture.js';
import { ChoosingGate } from './choosing-gate.js';

/** A gate that notes which parts it was made for, and which were passed. */
function choosing(...choices: LimitChoice[]) {
  const made: string[][] = [];
  const passed: string[][] = [];
  const gate = new ChoosingGate(choices, (parts: readonly RoutePart[]) => {
    const policies = parts.map(({ policy }) => policy);
    made.push(policies);
    return {
      pass: () => {
        passed.push(policies);
        return undefined;
      },
      look: () => Promise.resolve([]),
    };
  });
  return {
    made,
    passed,
    pass: (who = 'ann') => gate.pass(new RpcRequest(who)),
  };
}

const [a, b, c] = ['a', 'b', 'c'].map((name) => [part(name, 1)]);

describe('ChoosingGate', () => {
  it('enforces the chosen limits and builds their gate once', () => {
    const { made, passed, pass } = choosing(a, (context) =>
      context.getArgByIndex(0) === 'ann' ? b : c,
    );
    ['ann', 'ben', 'ann'].forEach((who) => pass(who));
    expect(passed).toEqual([
      ['a', 'b'],
      ['a', 'c'],
      ['a', 'b'],
    ]);
    expect(made).toHaveLength(2);
  });

  it('awaits only choices that take time', async () => {
    const { passed, pass } = choosing(a, () => Promise.resolve(b), c);
    const passing = pass();
    expect(passed).toEqual([]);
    await passing;
    expect(passed).toEqual([['a', 'b', 'c']]);
    expect(choosing(a, () => b).pass()).toBeUndefined();
  });

  it('keeps concurrent requests apart', async () => {
    const answers = new Map<string, () => void>();
    const { passed, pass } = choosing(
      (context) =>
        new Promise((resolve) => {
          const who = context.getArgByIndex<string>(0);
          answers.set(who, () => resolve(who === 'ann' ? a : b));
        }),
      c,
    );
    const passing = [pass('ann'), pass('ben')];
    answers.get('ben')!();
    answers.get('ann')!();
    await Promise.all(passing);
    expect(passed).toEqual([
      ['b', 'c'],
      ['a', 'c'],
    ]);
  });

  it('returns the rejection of one limit without asking the next', async () => {
    const rejection = new RejectionKind('denied', ['a']).reject();
    const { passed, pass } = choosing(() => rejection, a);
    expect(pass()).toBe(rejection);
    const late = choosing(() => Promise.resolve(rejection), a);
    await expect(late.pass()).resolves.toBe(rejection);
    expect([...passed, ...late.passed]).toEqual([]);
  });

  it('charges buckets once when two limits choose them', () => {
    const { passed, pass } = choosing(a, () => a, [part('a', 1), ...b]);
    pass();
    expect(passed).toEqual([['a', 'b']]);
  });

  it('keeps a bounded number of gates and rebuilds an evicted one', () => {
    let n = 0;
    const { made, pass } = choosing(() => [part(`p${n++}`, 1)]);
    for (let i = 0; i < 2_500; i++) pass();
    expect(made).toHaveLength(2_500);
    const fixed = choosing(() => a);
    for (let i = 0; i < 10; i++) fixed.pass();
    expect(fixed.made).toHaveLength(1);
  });
});
