import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { makeTraffic } from '../traffic/made-traffic.js';
import { TrafficRequest } from '../traffic/request.js';
import { NO_ROUTE, Simulation } from './simulation.js';
import { suggestLimits } from './suggest.js';
import { suggestion } from './suggestion.js';

const get = (atMs: number, path: string, address = 'a'): TrafficRequest => ({
  atMs,
  method: 'GET',
  path,
  address,
});

function replayed(
  options: ConstructorParameters<typeof Simulation>[0],
  requests: readonly TrafficRequest[],
) {
  const simulation = new Simulation(options, { suggests: true });
  for (const request of requests) simulation.add(request);
  return Object.fromEntries(
    simulation.tallies.map((tally) => [tally.endpoint, tally]),
  );
}

describe('replayed traffic', () => {
  it('is refused by the limit of its route', () => {
    const tallies = replayed(
      {
        routes: {
          'GET /all/{id}': { limits: '2/1h' },
          'GET /each': {
            limits: { clientMaxRate: 1, clientCapacity: 1, every: '1h' },
          },
          'GET /param/:id': {
            limits: {
              clientMaxRate: 1,
              clientCapacity: 1,
              every: '1h',
              strategy: 'param',
              key: 'id',
            },
          },
        },
      },
      [
        ...[1, 2, 3].map((at) => get(at, `/all/${at}`)),
        ...['a', 'a', 'b'].map((who) => get(4, '/each', who)),
        ...['1', '2', '2'].map((id) => get(5, `/param/${id}`)),
        get(6, '/elsewhere'),
      ],
    );
    expect(tallies['GET /all/{id}']).toMatchObject({
      requests: 3,
      firstRefusedMs: 3,
      refused: { 'all callers': 1 },
    });
    expect(tallies['GET /each'].refused['each client']).toBe(1);
    expect(tallies['GET /param/:id'].refused['each client']).toBe(1);
    expect(tallies[NO_ROUTE].requests).toBe(1);
    expect(tallies[NO_ROUTE].firstRefusedMs).toBeUndefined();
  });

  it('passes the service limit first, even without a route', () => {
    const tallies = replayed(
      { service: '1/1h', routes: { 'GET /a': { limits: '9/1h' } } },
      [get(1, '/a'), get(2, '/a'), get(3, '/b')],
    );
    expect(tallies['GET /a'].refused.service).toBe(1);
    expect(tallies[NO_ROUTE].refused.service).toBe(1);
  });

  it('counts HEAD against the limit of GET', () => {
    const tallies = replayed({ routes: { 'GET /a': { limits: '1/1h' } } }, [
      get(1, '/a'),
      { ...get(2, '/a'), method: 'HEAD' },
    ]);
    expect(tallies['GET /a'].refused['all callers']).toBe(1);
  });

  it('never turns time back when a log is out of order', () => {
    const tallies = replayed({ routes: { 'GET /a': { limits: '1/1s' } } }, [
      get(5000, '/a'),
      get(1000, '/a'),
      get(6000, '/a'),
    ]);
    expect(tallies['GET /a'].refused['all callers']).toBe(1);
  });

  it('is admitted no faster than the limit allows', () => {
    const load = {
      rps: 40,
      clients: 5,
      forMs: 60_000,
      endpoints: ['GET /a'],
      seed: 7,
    };
    const requests: TrafficRequest[] = [];
    makeTraffic(load, (request) => requests.push(request));
    const { requests: all, refused } = replayed(
      { routes: { 'GET /a': { limits: { maxRate: 10, capacity: 3 } } } },
      requests,
    )['GET /a'];
    expect(all).toBeGreaterThan(2000);
    expect(all - refused['all callers']).toBeLessThanOrEqual(3 + 10 * 60);
  });

  it('is the same for the same seed and differs for another', () => {
    const made = (seed: number) => {
      const times: number[] = [];
      makeTraffic(
        { rps: 5, clients: 2, forMs: 9000, endpoints: ['GET /a'], seed },
        ({ atMs }) => times.push(atMs),
      );
      return times;
    };
    expect(made(1)).toEqual(made(1));
    expect(made(1)).not.toEqual(made(2));
  });
});

describe('refused clients', () => {
  it.each<[string, object, string, string]>([
    ['by subnet', {}, '2001:db8:1:2::/64', 'ip'],
    ['by a wider subnet', { ipv6Prefix: 32 }, '2001:db8::/32', 'ip'],
    [
      'by header',
      { strategy: 'header', key: 'X-User' },
      'ann',
      'header X-User',
    ],
    ['by parameter', { strategy: 'param', key: 'id' }, '7', 'param id'],
  ])('are named by the key of the limit: %s', (_, who, client, by) => {
    const limit = { clientMaxRate: 1, clientCapacity: 1, every: '1h', ...who };
    const simulation = new Simulation({
      routes: { 'GET /a/{id}': { limits: [limit as never] } },
    });
    for (const last of ['3', '4', '5']) {
      const address = `2001:db8:1:2::${last}`;
      simulation.add({ ...get(1, '/a/7', address), header: () => 'ann' });
    }
    expect(simulation.refusedClients.first(9)).toEqual([
      { client, by, refused: 2 },
    ]);
  });

  it('are named by address when only a limit for all callers refuses them', () => {
    const simulation = new Simulation({
      routes: { 'GET /a': { limits: '1/1h' } },
    });
    for (const at of [1, 2]) simulation.add(get(at, '/a', '192.0.2.1'));
    expect(simulation.refusedClients.first(9)).toEqual([
      { client: '192.0.2.1', by: 'ip', refused: 1 },
    ]);
  });
});

describe('a simulation with an incomplete log', () => {
  const each = { clientMaxRate: 1, clientCapacity: 1, every: '1h' } as const;
  const all = { maxRate: 1, capacity: 1, every: '1h' } as const;
  type Limits = NonNullable<ThrottleOptions['routes']>[string]['limits'];

  /** Three requests of one client; how many are refused, and what is said. */
  function told(limits: Limits, request: Partial<TrafficRequest> = {}) {
    const simulation = new Simulation({ routes: { 'GET /a': { limits } } });
    const refusals = [1, 2, 3].map((at) =>
      simulation.add({ ...get(at, '/a'), ...request }),
    );
    const gaps = [...simulation.gaps].map(([gap, n]) => `${n} ${gap}`);
    return { refused: refusals.filter((by) => by).length, gaps };
  }

  it.each<[string, Limits, number, RegExp]>([
    [
      'a function tells clients apart',
      { ...each, strategy: () => 'a' },
      0,
      /clients apart; not simulated/,
    ],
    ['a function resolves it', { resolve: () => '1/1h' }, 0, /resolves it/],
    [
      'a function tells the tier',
      { tierKey: () => 'a', tiers: [{ when: 'a', ...all }] },
      0,
      /tells the tier; not simulated/,
    ],
    [
      'a function tells who is in a tier',
      { tiers: [{ when: () => true, ...all }] },
      0,
      /tiers\[0\]: a function tells who is in it; not simulated/,
    ],
    ['the cost is a function', { ...all, cost: () => 0 }, 2, /1 is charged/],
    ['requests are settled', { ...all, settle: () => 0 }, 2, /settle/],
    ['a list is a function', { ...all, allow: () => true }, 2, /allow is/],
    ['the other list is one', { ...all, deny: () => true }, 2, /deny is/],
    [
      'the log has no headers',
      { ...each, strategy: 'header', key: 'x-user' },
      2,
      /does not tell x-user; the address stands for the client/,
    ],
    [
      'the log has no headers to choose a tier by',
      {
        tierKey: { strategy: 'header', key: 'x-plan' },
        tiers: [
          { when: 'gold', unlimited: true },
          { otherwise: true, ...all },
        ],
      },
      2,
      /does not tell the tier; requests count as without one/,
    ],
  ])('reports each affected request when %s', (_, limits, refused, gap) => {
    const { refused: found, gaps } = told(limits);
    expect(found).toBe(refused);
    expect(gaps).toEqual([
      expect.stringMatching(new RegExp(`^3 GET /a, limits.*${gap.source}`)),
    ]);
  });

  it('reports that the log has no addresses', () => {
    expect(told({ ...each }, { address: '' })).toEqual({
      refused: 0,
      gaps: [expect.stringContaining('no address; clients are not limited')],
    });
  });

  it('reports nothing about a header that is known to be absent', () => {
    const limit = { ...each, strategy: 'header', key: 'x-user' } as const;
    const header = () => '';
    expect(told(limit, { header })).toEqual({ refused: 3, gaps: [] });
  });
});

describe('suggested limits', () => {
  const PATH = 'GET /things/{id}';
  const arrival = fc.record({
    atMs: fc.integer({ min: 0, max: 20_000 }),
    id: fc.constantFrom('1', '2', 'ann'),
    address: fc.constantFrom(
      '192.0.2.1',
      '192.0.2.2',
      '2001:db8:1:2::3',
      '2001:db8:1:2::4',
      '2001:db8:1:3::3',
      '',
    ),
    user: fc.constantFrom('ann', 'ben', 'cleo', '', undefined),
  });
  const each = { clientMaxRate: 1, clientCapacity: 1 };
  const limits = fc.constantFrom<Limits>(
    [],
    [{ ...each, ipv6Prefix: 48 }],
    [{ ...each, strategy: 'header', key: 'X-User' }],
    [{ ...each, strategy: 'header', key: 'X-User', onMissingKey: 'skip' }],
    [{ ...each, strategy: 'param', key: 'id' }],
    [{ ...each, allow: ['192.0.2.1'] }],
    [{ ...each, cost: 2 }],
    [
      {
        strategy: 'ip',
        tierKey: { strategy: 'header', key: 'X-User' },
        tiers: [
          { when: 'ann', ...each },
          { when: 'ben', unlimited: true },
          { otherwise: true, ...each, strategy: 'param', key: 'id' },
        ],
      },
    ],
    [
      { maxRate: 5 },
      { tiers: [{ when: 'ann', ...each }], strategy: 'header', key: 'X-User' },
    ],
  );
  type Limits = NonNullable<ThrottleOptions['routes']>[string]['limits'];
  const traffic = fc
    .array(arrival, { minLength: 1, maxLength: 120 })
    .map((arrivals) =>
      arrivals
        .toSorted((a, b) => a.atMs - b.atMs)
        .map(({ atMs, id, address, user }): TrafficRequest => ({
          atMs,
          method: 'GET',
          path: `/things/${id}`,
          address,
          header: () => user,
        })),
    );

  it('refuse at most the requested share of traffic once they apply', () => {
    fc.assert(
      fc.property(
        limits,
        traffic,
        fc.constantFrom(0, 0.01, 0.2),
        (limits, requests, share) => {
          const tally = replayed({ routes: { [PATH]: { limits } } }, requests)[
            PATH
          ];
          const suggested = suggestion(tally, share)!;
          const applied = replayed(
            { routes: { [PATH]: { limits: suggested.limits as Limits } } },
            requests,
          )[PATH];
          const refused = Object.values(applied.refused).reduce(
            (sum, count) => sum + count,
          );
          expect(refused).toBe(suggested.refused);
          expect(refused).toBeLessThanOrEqual(
            Math.floor(requests.length * share),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  it('are no higher than needed', () => {
    fc.assert(
      fc.property(traffic, (requests) => {
        const tally = replayed({}, requests)[NO_ROUTE];
        const { maxRate } = suggestLimits(tally.arrivals!, 0);
        if (maxRate === 1) return;
        const lower = { routes: { [PATH]: { limits: `${maxRate - 1}/1s` } } };
        const { refused } = replayed(lower, requests)[PATH];
        expect(refused['all callers']).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });

  it('ignore requests that the service limit refuses anyway', () => {
    const requests = [1, 2, 3, 4].map((at) => get(at, '/things/1'));
    const service = { maxRate: 1, capacity: 2, every: '1h' } as const;
    const tally = replayed({ service, routes: { [PATH]: {} } }, requests)[PATH];
    expect(tally.refused.service).toBe(2);
    expect(suggestion(tally, 0)).toMatchObject({ requests: 2, refused: 0 });
  });
});
