import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { Findings } from '../../config/findings.js';
import { ClientKeys } from '../client-key/client-key.js';
import { MOST_LIMITS, ResolvedChoices } from './resolve-choice.js';

beforeAll(() => Logger.overrideLogger(false));

/** A limit whose figures do not stand in fields of its own. */
class Quota {
  readonly #rate: number;

  constructor(rate: number) {
    this.#rate = rate;
  }

  get maxRate() {
    return this.#rate;
  }
}

function choicesOf() {
  const findings = new Findings(new Set());
  return new ResolvedChoices(
    { everyMs: 1000, cost: 1 },
    { label: 'tenant', base: 'router:tenant', group: undefined },
    { findings, keys: new ClientKeys(findings), policyChoice: () => [] },
  );
}

describe('the choices of a resolver', () => {
  it.each([
    ['data', (maxRate: number) => ({ maxRate })],
    ['instances of a class', (maxRate: number) => new Quota(maxRate)],
    [
      'objects without a prototype',
      (maxRate: number): object =>
        Object.assign(Object.create(null) as object, { maxRate }),
    ],
  ])('are the same for equal answers that are %s', (_, answer) => {
    const choices = choicesOf();
    expect(choices.of(answer(5))).toBe(choices.of(answer(5)));
    expect(choices.of(answer(6))).toMatchObject([{ limit: { capacity: 1 } }]);
    expect(choices.of(answer(6))).not.toBe(choices.of(answer(5)));
  });

  it.each([
    ['data', (maxRate: number) => ({ maxRate })],
    ['instances of a class', (maxRate: number) => new Quota(maxRate)],
  ])('are bounded in number when answers are %s', (_, answer) => {
    const choices = choicesOf();
    for (let rate = 1; rate <= MOST_LIMITS; rate++) choices.of(answer(rate));
    expect(() => choices.of(answer(MOST_LIMITS))).not.toThrow();
    expect(() => choices.of(answer(MOST_LIMITS + 1))).toThrow(RangeError);
  });
});
