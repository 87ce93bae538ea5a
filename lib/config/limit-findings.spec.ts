import { describe, expect, it } from 'vitest';
import { backendLimitFindings, routerLimitFindings } from './limit-findings.js';
import { backendLimit } from './schema/backend-limit.schema.js';
import {
  RouterLimitOptions,
  routerLimit,
} from './schema/router-limit.schema.js';

const about = (limit: RouterLimitOptions) =>
  routerLimitFindings(routerLimit.parse(limit), 'here').map(
    ({ code, path }) => `${code} ${path}`,
  );

describe('findings on a limit', () => {
  it('report an omitted capacity when the rate is above 1', () => {
    expect(about({ maxRate: 2, clientMaxRate: 1.5 })).toEqual([
      'capacity-default here.capacity',
      'capacity-default here.clientCapacity',
    ]);
    expect(about({ maxRate: 1, clientMaxRate: 0.5 })).toEqual([]);
    expect(about({ maxRate: 2, capacity: 1 })).toEqual([]);
    expect(about('100/1m')).toEqual([]);
  });

  it('report a cost that can never pass', () => {
    expect(about({ maxRate: 5, capacity: 5, cost: 6 })).toEqual([
      'cost-above-capacity here.cost',
    ]);
    expect(about({ clientMaxRate: 1, cost: 1.5 })).toEqual([
      'cost-above-capacity here.cost',
    ]);
    expect(about({ maxRate: 5, capacity: 5, cost: 5 })).toEqual([]);
    expect(about({ maxRate: 5, capacity: 5, cost: () => 6 })).toEqual([]);
  });

  it('suggest what to write instead', () => {
    const [finding] = routerLimitFindings(
      routerLimit.parse({ maxRate: 2.5 }),
      'here',
    );
    expect(finding.fix).toContain('capacity: 3');
  });

  it('are the same for a backend', () => {
    const codes = backendLimitFindings(backendLimit.parse({ maxRate: 5 }), 'b');
    expect(codes.map(({ path }) => path)).toEqual(['b.capacity']);
  });
});
