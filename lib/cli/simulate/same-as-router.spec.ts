import { Logger } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Findings } from '../../config/findings.js';
import {
  throttleOptions,
  ThrottleOptions,
} from '../../config/schema/throttle-options.schema.js';
import { Policy } from '../../config/schema/router-limit.schema.js';
import { addressInHeader, noClient } from '../../krakend/strategies.js';
import { AuditCounts } from '../../router/audit/audit-counts.js';
import { BoundedLog } from '../../router/audit/bounded-log.js';
import { ClientKeys } from '../../router/client-key/client-key.js';
import { GateFactory } from '../../router/routes/gate-factory.js';
import { RouteTable } from '../../router/routes/route-table.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { TrafficRequest } from '../traffic/request.js';
import { Simulation } from './simulation.js';

beforeAll(() => Logger.overrideLogger(false));

const ROUTE = 'GET /things/{id}';
const rate = fc.integer({ min: 1, max: 4 });
const every = fc.constantFrom('1s', '500ms', '1m');
const client = fc.constantFrom(
  {},
  { strategy: 'ip' as const },
  { ipv6Prefix: 48 },
  { strategy: 'header' as const, key: 'X-User' },
  { strategy: 'header' as const, key: 'x-user', onMissingKey: 'skip' as const },
  { strategy: 'param' as const, key: 'id' },
  { strategy: noClient },
  { strategy: addressInHeader('X-User') },
);
const all = fc.record({ maxRate: rate, capacity: rate, every });
const each = fc
  .tuple(
    fc.record({ clientMaxRate: rate, clientCapacity: rate, every }),
    client,
  )
  .map(([rates, who]) => ({ ...rates, ...who }));
const rates = fc.oneof(
  all,
  each,
  fc.tuple(all, each).map(([a, b]) => ({ ...a, ...b })),
);
const charged = fc
  .tuple(rates, fc.constantFrom({}, { cost: 2 }, { cost: 0 }))
  .map(([limit, cost]) => ({ ...limit, ...cost }));
const tier = fc
  .tuple(
    fc.constantFrom('ann', ['ben', '1'], '192.0.2.1'),
    fc.oneof(charged, fc.constant({ unlimited: true as const })),
  )
  .map(([when, limit]) => ({ when, ...limit }));
const tiers = fc.record(
  {
    tiers: fc
      .tuple(fc.array(tier, { minLength: 1, maxLength: 3 }), fc.option(charged))
      .map(([some, last]) =>
        last ? [...some, { otherwise: true as const, ...last }] : some,
      ),
    tierKey: fc.constantFrom(
      { strategy: 'header' as const, key: 'X-User' },
      { strategy: 'param' as const, key: 'id' },
      { strategy: 'ip' as const },
    ),
  },
  { requiredKeys: ['tiers'] },
);
const lists = fc.record(
  {
    allow: fc.constantFrom(['192.0.2.1'], ['2001:db8::/32']),
    deny: fc.constantFrom(['192.0.2.2'], ['2001:db8:1::/48', '192.0.2.1']),
    phase: fc.constant('edge' as const),
  },
  { requiredKeys: [] },
);
const limit = fc
  .tuple(fc.oneof(charged, tiers), lists)
  .map(([chosen, more]) => ({ ...chosen, ...more }));
const configuration = fc
  .record(
    {
      limits: fc.array(fc.oneof(limit, fc.constantFrom('pool', 'own')), {
        maxLength: 4,
      }),
      pool: charged,
      own: limit,
      service: all,
    },
    { requiredKeys: ['limits', 'pool', 'own'] },
  )
  .map(
    ({ limits, pool, own, service }) =>
      ({
        policies: { pool: { ...pool, shared: true }, own },
        routes: { [ROUTE]: { limits } },
        ...(service ? { service } : {}),
      }) as ThrottleOptions,
  );

const sent = fc.record({
  afterMs: fc.integer({ min: 0, max: 700 }),
  id: fc.constantFrom('1', 'ann', 'x'.repeat(70)),
  address: fc.constantFrom(
    '192.0.2.1',
    '192.0.2.2',
    '::ffff:192.0.2.1',
    '2001:db8:1:2::3',
    '2001:db8:1:3::3',
  ),
  user: fc.constantFrom('', 'ann', 'ben', '192.0.2.9, 10.0.0.1'),
});

/** The router's own gates of a configuration, on a clock that the test sets. */
function gatesOf(options: ThrottleOptions, clock: { nowMs: number }) {
  const config = throttleOptions.parse(options);
  const findings = new Findings(new Set());
  const policies = new Map<string, Policy>(Object.entries(config.policies));
  const maker = new GateFactory({
    config,
    findings,
    policies,
    keys: new ClientKeys(findings),
    store: new MemoryStore(() => clock.nowMs, config.maxClients),
    counts: new AuditCounts(),
    log: new BoundedLog(() => clock.nowMs),
    edition: 0,
  });
  const owner = class Things {};
  const handler = () => {};
  const declared = [
    {
      owner,
      name: 'handler',
      handler,
      marks: [],
      label: 'things',
      limits: config.routes[ROUTE].limits.map((written) => {
        if (typeof written !== 'string') return { limit: written };
        const policy = policies.get(written)!;
        return { limit: policy, name: written, shared: policy.shared };
      }),
      isConfigured: true,
    },
  ];
  const table = RouteTable.of(declared, maker);
  const enforced = table.routes.get('things')?.forMethod('GET');
  return [table.service, enforced?.edge, enforced?.handler];
}

/** Whether the request gets through all gates. */
function passes(
  gates: ReturnType<typeof gatesOf>,
  context: ExecutionContext,
): boolean {
  return gates.every((gate) => gate?.pass(context) === undefined);
}

describe('a simulation', () => {
  it('admits exactly what the router admits, for any limits and traffic', () => {
    let admitted = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        configuration,
        fc.array(sent, { minLength: 1, maxLength: 40 }),
        (options, traffic) => {
          const clock = { nowMs: 0 };
          const gates = gatesOf(options, clock);
          const simulation = new Simulation(options);
          for (const { afterMs, id, address, user } of traffic) {
            clock.nowMs += afterMs;
            const request = {
              ip: address,
              params: { id },
              headers: user === '' ? {} : { 'x-user': user },
              rawHeaders: user === '' ? [] : ['X-User', user],
            };
            const context = {
              getType: () => 'http',
              getArgByIndex: (i: number) => (i === 0 ? request : undefined),
            } as ExecutionContext;
            const replayed: TrafficRequest = {
              atMs: clock.nowMs,
              method: 'GET',
              path: `/things/${id}`,
              address,
              header: () => user,
            };
            const isAdmitted = passes(gates, context);
            expect(simulation.add(replayed) === undefined).toBe(isAdmitted);
            if (isAdmitted) admitted++;
            else refused++;
          }
          expect(simulation.gaps).toEqual(new Map());
        },
      ),
      { numRuns: 300 },
    );
    expect(Math.min(admitted, refused)).toBeGreaterThan(200);
  }, 120_000);
});
