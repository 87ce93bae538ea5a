import { describe, expect, it } from 'vitest';
import { check } from '../fault.js';
import type { Fault } from '../fault.js';
import { backendLimit } from './backend-limit.schema.js';
import { concurrency } from './concurrency.schema.js';

const SHAPES = [
  ['a backend limit', backendLimit, { maxRate: 5 }],
  ['a concurrency limit', concurrency, { maxConcurrent: 5 }],
] as const;

describe.each(SHAPES)('%s', (_, schema, options) => {
  it('rejects calls at once unless waiting is configured', () => {
    expect(schema.parse(options).patience).toBeUndefined();
  });

  it('lets a hundred calls wait for up to a second by default', () => {
    const { patience } = schema.parse({ ...options, onLimit: 'wait' });
    expect(patience).toEqual({ maxWaitMs: 1000, maxQueue: 100 });
  });

  it('accepts both figures', () => {
    const waits = { onLimit: 'wait', maxWait: '250ms', maxQueue: 7 };
    const { patience } = schema.parse({ ...options, ...waits });
    expect(patience).toEqual({ maxWaitMs: 250, maxQueue: 7 });
  });

  it('reports figures that would have no effect', () => {
    const faults: Fault[] = [];
    check(schema, { ...options, maxWait: '1s', maxQueue: 7 }, 'it', faults);
    const issues = faults.map(({ path, allowed }) => [path, allowed]);
    expect(issues).toEqual([
      ['it.maxWait', 'only with onLimit "wait"'],
      ['it.maxQueue', 'only with onLimit "wait"'],
    ]);
  });
});
