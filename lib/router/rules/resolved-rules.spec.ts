import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { Findings } from '../../config/findings.js';
import { ProxyTrust } from '../client-key/proxy-trust.js';
import { MOST_LIMITS, ResolvedRules } from './resolved-rules.js';

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

function rulesOf() {
  const findings = new Findings(new Set());
  return new ResolvedRules(
    { everyMs: 1000, cost: 1 },
    { label: 'tenant', base: 'router:tenant', group: undefined },
    { findings, trust: new ProxyTrust(findings), policyRule: () => [] },
  );
}

describe('the rules of a resolver', () => {
  it.each([
    ['data', (maxRate: number) => ({ maxRate })],
    ['instances of a class', (maxRate: number) => new Quota(maxRate)],
    [
      'objects without a prototype',
      (maxRate: number): object =>
        Object.assign(Object.create(null) as object, { maxRate }),
    ],
  ])('are one for equal answers that are %s', (_, answer) => {
    const rules = rulesOf();
    expect(rules.of(answer(5))).toBe(rules.of(answer(5)));
    expect(rules.of(answer(6))).toMatchObject([{ limit: { capacity: 1 } }]);
    expect(rules.of(answer(6))).not.toBe(rules.of(answer(5)));
  });

  it.each([
    ['data', (maxRate: number) => ({ maxRate })],
    ['instances of a class', (maxRate: number) => new Quota(maxRate)],
  ])('are bounded where answers are %s', (_, answer) => {
    const rules = rulesOf();
    for (let rate = 1; rate <= MOST_LIMITS; rate++) rules.of(answer(rate));
    expect(() => rules.of(answer(MOST_LIMITS))).not.toThrow();
    expect(() => rules.of(answer(MOST_LIMITS + 1))).toThrow(RangeError);
  });
});
