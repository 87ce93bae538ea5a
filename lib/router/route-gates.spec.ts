import { describe, expect, it } from 'vitest';
import { Findings } from '../config/findings.js';
import { routerLimit } from '../config/schema/router-limit.schema.js';
import { throttleOptions } from '../config/schema/throttle-options.schema.js';
import { BucketSpec, BucketStore } from '../stores/bucket-store.js';
import { MemoryStore } from '../stores/memory-store.js';
import { AuditCounts } from './audit/audit-counts.js';
import { BoundedLog } from './audit/bounded-log.js';
import { ProxyTrust } from './client-key/proxy-trust.js';
import { DeclaredRoute } from './declared-route.js';
import { GateMaker } from './gate/gate-maker.js';
import { throwing } from './parts.fixture.js';
import { RouteGates } from './route-gates.js';
import { RpcRequest } from './rpc-request.fixture.js';

class Shop {
  find() {}
  buy() {}
}

/** Notes the buckets that plans were made of, in order. */
class NotingStore implements BucketStore {
  readonly isLocal = true;
  readonly planned: string[] = [];
  private readonly buckets = new MemoryStore(() => 0, 100);

  plan(specs: readonly BucketSpec[]) {
    this.planned.push(...specs.map(({ id }) => id));
    return this.buckets.plan(specs);
  }
}

function route(name: 'find' | 'buy', written: object): DeclaredRoute {
  return {
    owner: Shop,
    ownerMarks: [],
    handler: Shop.prototype[name],
    marks: [],
    label: name,
    limits: [{ limit: routerLimit.parse(written) }],
    isConfigured: false,
    decidedAt: 'handler',
  };
}

function gatesIn(store: BucketStore, counts = new AuditCounts()) {
  const config = throttleOptions.parse({});
  const findings = new Findings(new Set());
  const maker = new GateMaker({
    config,
    findings,
    policies: new Map(),
    trust: new ProxyTrust(findings),
    store,
    counts,
    log: new BoundedLog(() => 0),
    edition: 0,
  });
  return { config, gates: new RouteGates(config, maker, () => throwing) };
}

const TEN = { maxRate: 10, capacity: 10 };

describe('the gates of an application', () => {
  it('have buckets from the first request of their handler on', () => {
    const store = new NotingStore();
    const { gates } = gatesIn(store);
    gates.build([route('find', TEN), route('buy', TEN)]);
    expect(store.planned).toEqual([]);
    const find = gates.of(Shop.prototype.find, Shop)!;
    find.gates.elsewhere.pass(new RpcRequest('ann'));
    find.gates.elsewhere.pass(new RpcRequest('ann'));
    expect(store.planned).toEqual(['router:find:endpoint']);
  });

  it('are all made where limits change while requests come', () => {
    const store = new NotingStore();
    const { gates, config } = gatesIn(store);
    gates.build([route('find', TEN), route('buy', TEN)]);
    const next = gates.next({ config, policies: new Map() });
    next.build([route('find', TEN), route('buy', TEN)]);
    next.make();
    gates.adopt(next);
    expect(store.planned).toEqual([
      'router:find:endpoint',
      'router:buy:endpoint',
    ]);
  });

  it('are counted from the start where a limit is on trial', () => {
    const counts = new AuditCounts();
    const { gates } = gatesIn(new NotingStore(), counts);
    gates.build([route('find', { ...TEN, mode: 'audit' }), route('buy', TEN)]);
    expect(counts.all).toEqual([
      { route: 'find', policy: 'endpoint', requests: 0, refused: 0 },
    ]);
  });
});
