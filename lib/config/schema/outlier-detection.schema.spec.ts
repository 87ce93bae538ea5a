import { describe, expect, it } from 'vitest';
import { check, Fault } from '../fault.js';
import { backend } from './backend.schema.js';

function faultsOf(outlierDetection: unknown): string[] {
  const faults: Fault[] = [];
  const options = { hosts: ['http://a'], outlierDetection };
  check(backend, options, 'catalog', faults);
  return faults.map(({ path, allowed }) => `${path}: ${allowed}`);
}

describe('outlier detection options', () => {
  it('are on by default, with defaults for every field', () => {
    expect(backend.parse({ hosts: ['http://a'] }).outlierDetection).toEqual({
      consecutiveErrors: 5,
      baseEjectionTime: 30_000,
      maxEjectionTime: 300_000,
      maxEjectionPercent: 50,
      logStatusChange: false,
    });
  });

  it('accept false', () => {
    expect(faultsOf(false)).toEqual([]);
  });

  it('never cap a long ejection below the first one', () => {
    const options = { baseEjectionTime: '10m' };
    const { outlierDetection } = backend.parse({
      hosts: ['http://a'],
      outlierDetection: options,
    });
    expect(outlierDetection).toMatchObject({ maxEjectionTime: 600_000 });
  });

  it.each([
    [true, 'catalog.outlierDetection: an object with'],
    [{ consecutiveErrors: 0 }, 'catalog.outlierDetection.consecutiveErrors'],
    [{ maxEjectionPercent: 0 }, 'catalog.outlierDetection.maxEjectionPercent'],
    [{ maxEjectionPercent: 101 }, 'catalog.outlierDetection.maxEjection'],
    [{ baseEjectTime: '1s' }, 'catalog.outlierDetection.baseEjectTime'],
    [
      { baseEjectionTime: '1m', maxEjectionTime: '30s' },
      'catalog.outlierDetection.maxEjectionTime: at least as long',
    ],
  ])('reject %j', (options, fault) => {
    expect(faultsOf(options)).toEqual([expect.stringContaining(fault)]);
  });
});
