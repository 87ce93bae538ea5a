import { describe, expect, it } from 'vitest';
import { check, Fault } from '../fault.js';
import { backend } from './backend.schema.js';

function faultsOf(options: object): Fault[] {
  const faults: Fault[] = [];
  check(backend, { hosts: ['http://a'], ...options }, 'catalog', faults);
  return faults;
}

describe('an undici backend', () => {
  it.each([{ maxConnectionAge: '1m' }, { maxIdleConnections: 10 }])(
    'accepts the option %j like a Node backend',
    (option) => {
      expect(faultsOf({ ...option, transport: 'undici' })).toEqual([]);
      expect(faultsOf({ ...option, transport: 'http' })).toEqual([]);
    },
  );
});
