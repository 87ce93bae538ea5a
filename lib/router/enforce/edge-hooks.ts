import { Server } from 'node:http';
import { Server as SecureServer } from 'node:https';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { Fault } from '../../config/fault.js';
import { ApplicationClass } from '../../config/application-classes.js';
import { isHandler } from '../declare/nest-metadata.js';
import { DeclaredRoute } from '../declare/declared-route.js';
import { ServedRoutes } from '../declare/served-routes.js';
import { labelsByClass, RouteTable } from '../routes/route-table.js';
import { EdgeRoute, EdgeRoutes } from './edge-routes.js';
import { Enforcer } from './enforcer.js';
import {
  EdgeMatcher,
  ExpressApplication,
  ExpressEdge,
} from './express-edge.js';
import { addFastifyEdge, FastifyInstance, ServiceLimit } from './edge.js';
import { Handshakes } from './handshakes.js';

/** What a framework's hooks need from the application. */
export interface EdgeSources {
  readonly classes: readonly ApplicationClass[];
  readonly declared: readonly DeclaredRoute[];
  readonly served: ServedRoutes;
}

/** The parts of an Express application in use. */
interface ExpressInstance {
  enabled?(setting: string): boolean;
}

/** Enforces `service` and edge limits in the documented hooks of the HTTP framework. */
export class EdgeHooks {
  private readonly service: ServiceLimit;
  private readonly express: ExpressEdge;
  private readonly handshakes: Handshakes;
  private routes: EdgeRoutes | undefined;

  constructor(
    private readonly enforcer: Enforcer,
    private readonly sources: EdgeSources,
    private readonly adapter: AbstractHttpAdapter | undefined,
  ) {
    this.service = new ServiceLimit(enforcer);
    this.express = new ExpressEdge(enforcer, this.service);
    this.handshakes = new Handshakes(enforcer);
  }

  /** Installs the first hooks of the framework; call it while the module is created, before the application adds any. */
  install(): void {
    const { adapter, service } = this;
    if (!adapter) return;
    if (this.isFastify) {
      const fastify = adapter.getInstance<FastifyInstance>();
      // On Fastify, Nest registers its middleware and CORS before any module is
      // created; only this hook runs earlier.
      if (this.enforcer.routes.table.service) {
        adapter.setOnRequestHook?.(service.decide);
      }
      fastify.addHook('onRequest', service.decide);
      addFastifyEdge(fastify, this.enforcer, (method, path) =>
        this.limitedAt(method, path),
      );
    } else {
      const express = adapter as unknown as ExpressApplication;
      express.use(this.express.decide);
    }
    this.guardHandshakes();
  }

  /**
   * Installs the hooks behind the application's middleware; call it when
   * prefixes and versions are final, before Nest registers routes.
   */
  start(): void {
    const { adapter } = this;
    if (!adapter) return;
    this.routes = this.edgeRoutes(adapter);
    if (!this.isFastify) {
      (adapter as unknown as ExpressApplication).use(this.express.answer);
    }
  }

  /** What prevents a table from being enforced at the edge. */
  faults(table: RouteTable): Fault[] {
    return this.routes?.faults(table) ?? [];
  }

  /** Follows a table that was put in force. */
  adopt(table: RouteTable): void {
    if (!this.routes || !this.adapter) return;
    if (!this.isFastify) {
      const matcher = this.matcherOf(table);
      this.express.matcher = matcher.isEmpty ? undefined : matcher;
    }
    this.guardHandshakes();
  }

  private get isFastify(): boolean {
    return this.adapter?.getType() === 'fastify';
  }

  private limitedAt(method: string, path: string): EdgeRoute | undefined {
    const route = this.routes?.at(method, path);
    return route?.label === '' ? undefined : route;
  }

  private matcherOf(table: RouteTable): EdgeMatcher {
    const express = this.adapter!.getInstance<ExpressInstance>();
    return new EdgeMatcher(this.routes!, table, {
      sensitive: express.enabled?.('case sensitive routing') ?? false,
      strict: express.enabled?.('strict routing') ?? false,
    });
  }

  private guardHandshakes(): void {
    if (!this.enforcer.routes.table.service) return;
    const server: unknown = this.adapter?.getHttpServer();
    if (server instanceof Server || server instanceof SecureServer) {
      this.handshakes.guard(server as Server);
    }
  }

  private edgeRoutes(adapter: AbstractHttpAdapter): EdgeRoutes {
    const { classes, declared, served } = this.sources;
    const labels = labelsByClass(declared);
    const routes = classes
      .filter(({ isController }) => isController)
      .flatMap(({ type, methods }) =>
        methods
          .filter(({ marks }) => isHandler(marks))
          .flatMap(({ name, body }) =>
            served.of(type, body).map((route) => ({
              ...route,
              label: labels.get(type)?.get(name) ?? '',
            })),
          ),
      );
    return new EdgeRoutes(routes, (path) => adapter.normalizePath(path));
  }
}
