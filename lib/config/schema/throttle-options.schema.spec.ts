import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check, Fault, ThrottleConfigError } from '../fault.js';
import { throttleOptions } from './throttle-options.schema.js';

/** What a field may be given, right or wrong. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('1s', '0s', '5/1m', '5/1', 0, 1, -1, 1.5, 1e300, 5e-324),
  fc.constantFrom('header', 'param', 'ip', 'skip', 'draft-10', true, false),
);

function objectOf(...keys: string[]): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(keys.map((key) => [key, anything]));
  return fc.oneof(
    { weight: 4, arbitrary: fc.record(fields, { requiredKeys: [] }) },
    { weight: 1, arbitrary: anything },
  );
}

function named(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const names = fc.oneof(
    fc.constantFrom('search', '__proto__', 'constructor', 'a b', ''),
    fc.string({ maxLength: 8 }),
  );
  return fc.oneof(fc.dictionary(names, value, { maxKeys: 3 }), anything);
}

const limit = objectOf(
  'name',
  'maxRate',
  'capacity',
  'clientMaxRate',
  'clientCapacity',
  'every',
  'strategy',
  'key',
  'ipv6Prefix',
  'onMissingKey',
  'cost',
  'timeout',
  'shared',
  'evry',
);
const backend = fc.record(
  {
    hosts: fc.oneof(
      fc.array(fc.oneof(fc.webUrl(), anything), { maxLength: 2 }),
      anything,
    ),
    rateLimit: limit,
    circuitBreaker: objectOf('maxErrors', 'interval', 'timeout', 'halfOpen'),
    timeout: anything,
    keepAlive: anything,
  },
  { requiredKeys: [] },
);
const nearlyOptions = fc.record(
  {
    timeout: anything,
    service: limit,
    policies: named(limit),
    backends: named(fc.oneof(backend, anything)),
    headers: objectOf('rateLimit', 'xRateLimit', 'ratelimit'),
    maxClients: anything,
    silenceFindings: fc.oneof(fc.array(anything, { maxLength: 2 }), anything),
    server: objectOf('readTimeout', 'idleTimeout', 'timeout'),
    polices: anything,
  },
  { requiredKeys: [] },
);

/** Either a configuration or faults that say where, what and what else; never anything thrown. */
function expectConfigurationOrFaults(options: unknown): void {
  const faults: Fault[] = [];
  const config = check(throttleOptions, options, '', faults);
  expect(config === undefined).toBe(faults.length > 0);
  for (const fault of faults) {
    expect(fault.path).not.toBe('');
    expect(fault.found).not.toBe('');
    expect(fault.allowed).not.toBe('');
    expect(fault.allowed).not.toMatch(/undefined|Invalid input/);
  }
  const { message } = new ThrottleConfigError(faults);
  expect(message.split('\n').length).toBeGreaterThan(faults.length);
}

describe('module options', () => {
  it('have defaults', () => {
    expect(throttleOptions.parse({})).toEqual({
      policies: {},
      mode: 'enforce',
      phase: 'interceptor',
      cancelWithCaller: true,
      routes: {},
      backends: {},
      headers: { rateLimit: 'draft-10', xRateLimit: false },
      maxClients: 200_000,
      silenceFindings: [],
    });
  });

  it('parse to a configuration or a list of faults, for any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), expectConfigurationOrFaults), {
      numRuns: 300,
    });
  });

  it('parse to a configuration or a list of faults, for any field values', () => {
    fc.assert(fc.property(nearlyOptions, expectConfigurationOrFaults), {
      numRuns: 500,
    });
  });
});
