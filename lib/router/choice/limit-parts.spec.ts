import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { Findings } from '../../config/findings.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { ClientKeys } from '../client-key/client-key.js';
import { RouteLimit } from '../declare/declared-route.js';
import { eachOnce } from '../routes/choosing-gate.js';
import { HandlerNames } from './limit-names.js';
import { limitParts } from './limit-parts.js';

beforeAll(() => Logger.overrideLogger(false));

const ROUTE = 'catalog.CatalogController.find';
const base: RouterLimit = { everyMs: 1000, cost: 1 };
const endpoint: RouterLimit = { ...base, maxRate: 5, capacity: 5 };
const client: RouterLimit = { ...base, clientMaxRate: 2, clientCapacity: 3 };
const both: RouterLimit = { ...endpoint, ...client };

/** The parts of a handler's limits that are the same for every request. */
function routeParts(
  handler: string,
  limits: readonly RouteLimit[],
  keys: ClientKeys,
) {
  const names = new HandlerNames(handler, limits);
  const parts = limits.map((limit) =>
    limitParts(limit.limit, names.buckets(limit), keys),
  );
  return eachOnce(parts);
}

function idsAndNames(...limits: RouteLimit[]): [string, string][] {
  const keys = new ClientKeys(new Findings(new Set()));
  return routeParts(ROUTE, limits, keys).map(({ id, policy }) => [id, policy]);
}

describe('the parts of a limit', () => {
  it('are named endpoint and client when the limit has no name', () => {
    expect(idsAndNames({ limit: both })).toEqual([
      [`router:${ROUTE}:endpoint`, 'endpoint'],
      [`router:${ROUTE}:client`, 'client'],
    ]);
  });

  it('are numbered when there are several limits', () => {
    expect(
      idsAndNames({ limit: both }, { limit: client }, { limit: endpoint }),
    ).toEqual([
      [`router:${ROUTE}:endpoint`, 'endpoint'],
      [`router:${ROUTE}:client`, 'client'],
      [`router:${ROUTE}:client-2`, 'client-2'],
      [`router:${ROUTE}:endpoint-2`, 'endpoint-2'],
    ]);
  });

  it('carry the name of a named limit and keep separate buckets', () => {
    expect(idsAndNames({ limit: both, name: 'search' })).toEqual([
      [`router:${ROUTE}:search:endpoint`, 'search'],
      [`router:${ROUTE}:search:client`, 'search'],
    ]);
  });

  it('are two policies for two limits of the same name', () => {
    const limit = { limit: endpoint, name: 'search' };
    expect(idsAndNames(limit, limit)).toEqual([
      [`router:${ROUTE}:search:endpoint`, 'search'],
      [`router:${ROUTE}:search-2:endpoint`, 'search-2'],
    ]);
  });

  it('of a shared policy belong to no route and appear once in a plan', () => {
    const limit = { limit: both, name: 'pool', shared: true };
    expect(idsAndNames(limit, limit)).toEqual([
      ['policy:pool:endpoint', 'pool'],
      ['policy:pool:client', 'pool'],
    ]);
  });

  it('never share an id between limits that are not shared', () => {
    const names = ['a', 'a', 'a-2', 'endpoint', 'endpoint-2', 'a:endpoint'];
    const limits = [
      ...names.map((name) => ({ limit: both, name })),
      { limit: both },
      { limit: both },
    ];
    const ids = idsAndNames(...limits).map(([id]) => id);
    expect(new Set(ids).size).toBe(limits.length * 2);
  });

  it('have a capacity of 1 when none is configured', () => {
    const keys = new ClientKeys(new Findings(new Set()));
    const limit = { ...base, maxRate: 5, clientMaxRate: 5 };
    const capacities = routeParts(ROUTE, [{ limit }], keys).map(
      (part) => part.limit.capacity,
    );
    expect(capacities).toEqual([1, 1]);
  });
});
