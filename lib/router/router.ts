import type {
  AbstractHttpAdapter,
  ApplicationConfig,
  DiscoveryService,
} from '@nestjs/core';
import { Fault } from '../config/fault.js';
import { Findings } from '../config/findings.js';
import { Policy } from '../config/schema/router-limit.schema.js';
import { ThrottleConfig } from '../config/schema/throttle-options.schema.js';
import { ApplicationClass } from '../config/application-classes.js';
import { BucketStore } from '../stores/bucket-store.js';
import { AuditCounts } from './audit/audit-counts.js';
import { BoundedLog } from './audit/bounded-log.js';
import { ClientKeys } from './client-key/client-key.js';
import {
  completedRoutes,
  ConfiguredRoute,
} from './declare/configured-routes.js';
import { DeclaredRoute } from './declare/declared-route.js';
import {
  checkNestMetadata,
  isHandlerElsewhere,
} from './declare/nest-metadata.js';
import { cachesBeforeLimits } from './declare/route-findings.js';
import { ServedRoutes } from './declare/served-routes.js';
import { EdgeGuard } from './enforce/edge.guard.js';
import { EdgeHooks } from './enforce/edge-hooks.js';
import { Enforcer } from './enforce/enforcer.js';
import { GateFactory } from './routes/gate-factory.js';
import { RoutesInForce, RouteTable } from './routes/route-table.js';
import { Settlements } from './settle/settlements.js';

/** The checked limits of configuration and decorators. */
export interface DeclaredLimits {
  readonly config: ThrottleConfig;
  readonly routes: readonly DeclaredRoute[];
  readonly configuredRoutes: readonly ConfiguredRoute[];
  readonly policies: ReadonlyMap<string, Policy>;
  readonly findings: Findings;
  readonly classes: readonly ApplicationClass[];
}

/** The parts of the application that the router works with. */
export interface RouterParts {
  readonly store: BucketStore;
  readonly counts: AuditCounts;
  readonly log: BoundedLog;
  readonly served: ServedRoutes;
  readonly discovery: DiscoveryService;
  readonly application: ApplicationConfig;
}

/** A table that is ready to be put in force. */
export interface NextTable {
  readonly table: RouteTable;
  readonly faults: readonly Fault[];
}

/** The inbound layer of one application: its route table and the hooks that enforce it. */
export class Router {
  readonly enforcer: Enforcer;
  private readonly keys: ClientKeys;
  private readonly edge: EdgeHooks;
  private isStarted = false;

  constructor(
    private readonly declared: DeclaredLimits,
    private readonly parts: RouterParts,
    adapter: AbstractHttpAdapter | undefined,
  ) {
    checkNestMetadata();
    const { routes, classes, findings } = declared;
    const { served, log } = parts;
    this.keys = new ClientKeys(findings);
    const table = RouteTable.of(routes, this.factoryOf(declared, 0));
    const inForce = new RoutesInForce(table, routes, {
      classes,
      instancesOf: (owner) => instancesOf(owner, parts.discovery),
      servedAt: (owner, handler) => served.of(owner, handler),
    });
    this.enforcer = new Enforcer(inForce, new Settlements(log));
    this.edge = new EdgeHooks(
      this.enforcer,
      { classes, declared: routes, served },
      adapter,
    );
  }

  /** The table in force. */
  get table(): RouteTable {
    return this.enforcer.routes.table;
  }

  /** Installs hooks before those of the application; call it while the module is created. */
  install(): void {
    this.edge.install();
    const { routes } = this.declared;
    // The first global guard comes before every APP_GUARD.
    if (routes.some(({ marks }) => isHandlerElsewhere(marks))) {
      this.parts.application.useGlobalGuards(new EdgeGuard(this.enforcer));
    }
  }

  /**
   * Adds the limits of `routes` to the table, once prefixes and versions are
   * final and before Nest registers routes.
   *
   * @returns faults that prevent the application from starting
   */
  start(): readonly Fault[] {
    if (this.isStarted) return [];
    this.isStarted = true;
    const { declared, parts } = this;
    const { findings } = declared;
    const routes = resultOf(this.completed(declared, findings));
    findings.addAll(
      cachesBeforeLimits(parts.application.getGlobalInterceptors(), routes),
    );
    this.edge.start();
    const table = RouteTable.of(routes, this.factoryOf(declared, 0));
    const faults = this.edge.faults(table);
    if (faults.length === 0) this.adopt(table);
    return faults;
  }

  /** Builds the complete next table, gates and plans included; nothing changes until `adopt`. */
  *next(declared: DeclaredLimits): Generator<undefined, NextTable> {
    const routes = yield* this.completed(declared, declared.findings);
    const factory = this.factoryOf(declared, this.table.edition + 1);
    const table = RouteTable.of(routes, factory);
    yield* table.open();
    return { table, faults: this.edge.faults(table) };
  }

  /** Puts a table in force, in one step. Requests in progress finish under the plans that admitted them. */
  adopt(table: RouteTable): void {
    table.activate();
    this.enforcer.routes.table = table;
    this.edge.adopt(table);
  }

  private completed(
    { configuredRoutes, routes }: DeclaredLimits,
    findings: Findings,
  ): Generator<undefined, DeclaredRoute[]> {
    const { served } = this.parts;
    return completedRoutes(
      configuredRoutes,
      routes,
      ({ owner, handler }) => served.of(owner, handler),
      findings,
    );
  }

  private factoryOf(
    { config, policies }: DeclaredLimits,
    edition: number,
  ): GateFactory {
    const { store, counts, log } = this.parts;
    const { findings } = this.declared;
    const { keys } = this;
    return new GateFactory({
      config,
      policies,
      findings,
      keys,
      store,
      counts,
      log,
      edition,
    });
  }
}

function instancesOf(owner: Function, discovery: DiscoveryService): object[] {
  return [...discovery.getControllers(), ...discovery.getProviders()]
    .filter(({ metatype }) => metatype === owner)
    .flatMap(({ instance }) => (instance as object | undefined) ?? []);
}

function resultOf<Result>(steps: Generator<undefined, Result>): Result {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}
