import { describe, expect, it } from 'vitest';
import { check, Fault } from '../fault.js';
import { policy, routerLimit, serviceLimit } from './router-limit.schema.js';

function faultsOf(value: unknown, schema: typeof routerLimit = routerLimit) {
  const faults: Fault[] = [];
  check(schema, value, '', faults);
  return faults.map(({ path, found }) => `${path}: ${found}`);
}

describe('a router limit', () => {
  it('has a default for every field except the capacities', () => {
    expect(routerLimit.parse({ maxRate: 5 })).toEqual({
      maxRate: 5,
      everyMs: 1000,
      timeoutMs: undefined,
      cost: 1,
    });
  });

  it('may be a string', () => {
    expect(routerLimit.parse('5/1m')).toEqual({
      maxRate: 5,
      everyMs: 60_000,
      capacity: 5,
      cost: 1,
    });
  });

  it('says where a function goes when one is written as a key', () => {
    const faults: Fault[] = [];
    const limit = { clientMaxRate: 1, key: () => 'a' };
    check(routerLimit, limit, '', faults);
    check(routerLimit, { ...limit, strategy: 'header' }, '', faults);
    const advice = 'a name; for a function use `strategy: fn`';
    expect(faults).toEqual([
      { path: 'key', found: 'a function', allowed: advice },
      { path: 'key', found: 'a function', allowed: advice },
    ]);
  });

  it.each([
    [{}, 'maxRate: nothing'],
    [{ capacity: 5, clientMaxRate: 5 }, 'capacity: 5'],
    [{ maxRate: 1, clientCapacity: 5 }, 'clientCapacity: 5'],
    [{ maxRate: 1, strategy: 'ip' }, 'strategy: "ip"'],
    [{ maxRate: 1, ipv6Prefix: 64 }, 'ipv6Prefix: 64'],
    [{ maxRate: 1, onMissingKey: 'skip' }, 'onMissingKey: "skip"'],
    [{ clientMaxRate: 1, strategy: 'header' }, 'key: nothing'],
    [{ clientMaxRate: 1, strategy: 'param' }, 'key: nothing'],
    [{ clientMaxRate: 1, key: 'id' }, 'key: "id"'],
    [{ clientMaxRate: 1, strategy: () => '', key: 'id' }, 'key: "id"'],
    [{ clientMaxRate: 1, strategy: 'jwt' }, 'strategy: "jwt"'],
    [{ clientMaxRate: 1, strategy: 'header', key: '' }, 'key: ""'],
    [{ clientMaxRate: 1, ipv6Prefix: 129 }, 'ipv6Prefix: 129'],
    [{ maxRate: 1, cost: -1 }, 'cost: -1'],
    [{ maxRate: 1, cost: NaN }, 'cost: NaN'],
    [{ maxRate: 1, cost: '1' }, 'cost: "1"'],
    [{ maxRate: 1, every: 1000 }, 'every: 1000'],
    [{ maxRate: 1, tierKey: () => 'a' }, 'tierKey: a function'],
    [{ resolve: () => undefined, maxRate: 1 }, 'maxRate: 1'],
    [{ tiers: [] }, 'tiers: an empty list'],
    [{ tiers: [{ when: 'a' }] }, 'tiers[0].maxRate: nothing'],
    [{ tiers: [{ maxRate: 1 }] }, 'tiers[0].when: nothing'],
    [
      { tiers: [{ when: 'a', unlimited: true, maxRate: 1 }] },
      'tiers[0].unlimited: true',
    ],
    [
      {
        tiers: [
          { otherwise: true, maxRate: 1 },
          { when: 'a', maxRate: 1 },
        ],
      },
      'tiers[0].otherwise: true',
    ],
    [
      {
        tiers: [{ when: 'a', maxRate: 1 }],
        tierKey: { strategy: 'header' },
      },
      'tierKey.key: nothing',
    ],
    [{ maxRate: 1, mode: 'dry' }, 'mode: "dry"'],
    [{ maxRate: 1, phase: 'pipe' }, 'phase: "pipe"'],
    [{ maxRate: 1, settle: 2 }, 'settle: 2'],
    [{ maxRate: 1, allow: ['10.0.0.0/33'] }, 'allow[0]: "10.0.0.0/33"'],
    [{ maxRate: 1, name: 'a b' }, 'name: "a b"'],
    [{ maxRate: 1, timeout: '0s' }, 'timeout: "0s"'],
    [{ maxRate: 1, shared: true }, 'shared: true'],
  ])('has one fault: %j', (value, fault) => {
    expect(faultsOf(value)).toEqual([fault]);
  });

  it('has a fault for each wrong field', () => {
    expect(faultsOf({ maxRate: 0, capacity: 1.5, evry: '1s' })).toEqual([
      'maxRate: 0',
      'capacity: 1.5',
      'evry: a string',
    ]);
  });

  it('may be shared when it is a policy, which already has a name', () => {
    expect(policy.parse({ maxRate: 1 })).toMatchObject({ shared: false });
    const faults: Fault[] = [];
    check(policy, { maxRate: 1, name: 'x' }, '', faults);
    expect(faults.map(({ path }) => path)).toEqual(['name']);
    expect(faults[0].allowed).not.toContain('"name"');
  });

  it('has no route parameters and no deadline when it covers the whole application', () => {
    for (const wrong of [
      { clientMaxRate: 1, strategy: 'param', key: 'id' },
      { maxRate: 1, timeout: '1s' },
    ]) {
      expect(serviceLimit.safeParse(wrong).success).toBe(false);
    }
    expect(serviceLimit.parse({ maxRate: 1, name: 'all' })).toMatchObject({
      name: 'all',
    });
  });
});
