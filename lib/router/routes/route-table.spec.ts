import { Controller, ExecutionContext, Get } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { Findings } from '../../config/findings.js';
import {
  throttleOptions,
  ThrottleOptions,
} from '../../config/schema/throttle-options.schema.js';
import { marksOf } from '../../config/application-classes.js';
import { BucketSpec, BucketStore } from '../../stores/bucket-store.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { AuditCounts } from '../audit/audit-counts.js';
import { BoundedLog } from '../audit/bounded-log.js';
import { ClientKeys } from '../client-key/client-key.js';
import { DeclaredRoute } from '../declare/declared-route.js';
import { declaredRoutes } from '../declare/declared-routes.js';
import { RouterRateLimit } from '../decorators/router-rate-limit.decorator.js';
import { RpcRequest } from '../rpc-request.fixture.js';
import { GateFactory } from './gate-factory.js';
import { Route } from './route.js';
import {
  RoutesInForce,
  RouteTable,
  UnknownHandlerError,
} from './route-table.js';

const TEN = { maxRate: 10, capacity: 10 };

@Controller()
class Shop {
  @RouterRateLimit(TEN)
  @Get('find')
  find() {}

  @RouterRateLimit({ ...TEN, mode: 'audit' })
  @Get('buy')
  buy() {}

  @Get('open')
  open() {}
}

class Plain {
  get() {}
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

function classOf(type: Function) {
  const prototype = type.prototype as Record<string, Function>;
  const methods = Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor')
    .map((name) => {
      const body = prototype[name];
      return { name, body, marks: marksOf(body) };
    });
  const marks = marksOf(type);
  return { type, module: '', isController: true, marks, methods };
}

function tableOf(options: ThrottleOptions = {}, store = new NotingStore()) {
  const findings = new Findings(new Set(), true);
  const config = throttleOptions.parse(options);
  const counts = new AuditCounts();
  const classes = [classOf(Shop), classOf(Plain)];
  const policies = new Map();
  const sources = { classes, policies, findings, faults: [] };
  const steps = declaredRoutes(sources);
  let step = steps.next();
  while (!step.done) step = steps.next();
  const declared: DeclaredRoute[] = step.value;
  const factory = new GateFactory({
    config,
    findings,
    policies,
    keys: new ClientKeys(findings),
    store,
    counts,
    log: new BoundedLog(() => 0),
    edition: 0,
  });
  const table = RouteTable.of(declared, factory);
  const instance = new Shop();
  const routes = new RoutesInForce(table, declared, {
    classes,
    instancesOf: () => [instance],
    servedAt: () => [],
  });
  return { table, routes, counts, store, instance };
}

/** A request to a handler of a class, as Nest describes it. */
function requestTo(owner: Function, handler: Function): ExecutionContext {
  const context = new RpcRequest('ann');
  return Object.assign(context, {
    getClass: () => owner,
    getHandler: () => handler,
  });
}

const labelOf = (route: Route | undefined) => route?.label;

describe('RouteTable', () => {
  it('creates the buckets of a handler on its first request', () => {
    const { routes, store } = tableOf();
    const before = [...store.planned];
    const request = requestTo(Shop, Shop.prototype.find);
    for (let i = 0; i < 2; i++) routes.of(request)!.for(request);
    expect(before).toEqual(['router:Shop.buy:endpoint']);
    expect(store.planned).toEqual([...before, 'router:Shop.find:endpoint']);
  });

  it('creates all buckets when limits are replaced', () => {
    const { table, store } = tableOf();
    const steps = table.open();
    while (!steps.next().done);
    expect(store.planned).toContain('router:Shop.find:endpoint');
  });

  it('lists limits in audit mode from the start', () => {
    const { counts } = tableOf();
    expect(counts.all).toEqual([
      { route: 'Shop.buy', policy: 'endpoint', requests: 0, refused: 0 },
    ]);
  });
});

describe('a handler', () => {
  const { routes, instance } = tableOf();
  const { find } = Shop.prototype;
  const found = (handler: Function, owner: Function = Shop) =>
    labelOf(routes.of(requestTo(owner, handler)));

  it('is found as the method of its class', () => {
    expect(found(find)).toBe('Shop.find');
    expect(found(Shop.prototype.open)).toBeUndefined();
  });

  it('is found behind a wrapper that copies metadata', () => {
    const wrapper = () => undefined;
    for (const key of Reflect.getMetadataKeys(find) as unknown[]) {
      const value: unknown = Reflect.getMetadata(key, find);
      Reflect.defineMetadata(key, value, wrapper);
    }
    expect(found(wrapper)).toBe('Shop.find');
  });

  it('is found by its name, even when bound to an instance', () => {
    const named = { find: () => undefined }.find;
    expect(found(named)).toBe('Shop.find');
    expect(found(find.bind(instance).bind(instance))).toBe('Shop.find');
    expect(found({ open: () => undefined }.open)).toBeUndefined();
  });

  it('is found as a function on an instance under the name of a method', () => {
    const handlers = [() => undefined];
    Object.assign(instance, { find: handlers[0] });
    expect(found(handlers[0])).toBe('Shop.find');
    Reflect.deleteProperty(instance, 'find');
  });

  it('throws when it cannot be identified, and is never let through', () => {
    const handlers = [() => undefined];
    expect(() => found(handlers[0])).toThrow(UnknownHandlerError);
    expect(() => found(find, Plain)).toThrow(/Plain has limits/);
  });

  it('is not looked up in a class without limits', () => {
    const request = requestTo(Plain, Plain.prototype.get);
    expect(routes.find(request)).toBeUndefined();
  });
});
