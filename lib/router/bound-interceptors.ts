import type { ModulesContainer } from '@nestjs/core';
import type { FollowedRequests } from '../context/followed-requests.js';
import { enhancers } from './decision-place.js';
import { DeclaredRoute } from './declared-route.js';
import { EndpointBounds } from './endpoint-deadline.js';
import { bindInterceptor } from './enhancers.js';
import { isHttpOnly } from './handler-marks.js';
import type { RouteGates } from './route-gates.js';
import type { Settlements } from './settle/settlements.js';

type Module = ModulesContainer extends Map<string, infer M> ? M : never;

/** What an interceptor does for a route beside deciding. */
type Duties = Pick<RouteGates, 'boundsOf' | 'settles'>;

/** An option that needs an interceptor where none is. */
export interface Missed {
  readonly option: string;
  /** The label of a handler. */
  readonly label: string;
}

/**
 * Binds our interceptors in the modules where they have something to do: where
 * guards decide all and nothing is bounded or settled, Nest's whole chain of
 * interceptors would cost a request about as much as all else that Nest does
 * for it. What is written on handlers are classes, which other applications of
 * the process may have written as well; what counts is which of them a module
 * holds.
 */
export class BoundInterceptors {
  private readonly routes = new Map<unknown, DeclaredRoute[]>();
  private readonly bound = new Set<Module>();
  /** Controllers that have none until the application starts anew. */
  private readonly without = new Set<unknown>();

  constructor(
    routes: readonly DeclaredRoute[],
    private readonly gates: RouteGates,
    private readonly settlements: Settlements,
    private readonly followed: FollowedRequests,
    private readonly modules: ModulesContainer,
  ) {
    for (const route of routes) {
      const ofOwner = this.routes.get(route.owner);
      if (ofOwner) ofOwner.push(route);
      else this.routes.set(route.owner, [route]);
    }
  }

  /** To be called as modules are made: gateways, message handlers and resolvers may be put together before anything else. */
  bindElsewhere(): void {
    this.bindWhere(({ marks }) => !isHttpOnly(marks));
  }

  /** To be called once, when the application knows its global interceptors and before Nest puts its controllers together. */
  bindOverHttp(): void {
    this.bindWhere((route) => this.isBusy(route));
    for (const module of this.modules.values()) {
      if (this.bound.has(module)) continue;
      for (const { interceptor } of Object.values(enhancers)) {
        module.injectables.delete(interceptor);
      }
      for (const owner of ownersIn(module)) this.without.add(owner);
    }
  }

  /** What the next gates would ask of handlers that are without one; the first handler stands for all. */
  missed(routes: readonly DeclaredRoute[], next: Duties): Missed[] {
    const without = routes.filter(({ owner }) => this.without.has(owner));
    const bounded = without.find((route) =>
      this.isBounded(next.boundsOf(route)),
    );
    const settled = without.find((route) => next.settles(route));
    return [
      ...(bounded ? [{ option: 'timeout', label: bounded.label }] : []),
      ...(settled ? [{ option: 'settle', label: settled.label }] : []),
    ];
  }

  /** Whether it takes an interceptor to heed what bounds a route over HTTP. */
  private isBounded(bounds: EndpointBounds | undefined): boolean {
    if (!bounds) return false;
    return bounds.timeoutMs !== undefined || !this.followed.isEnough;
  }

  private bindWhere(isWanted: (route: DeclaredRoute) => boolean): void {
    for (const module of this.modules.values()) {
      if (this.bound.has(module)) continue;
      const routes = this.routesIn(module);
      if (!routes.some(isWanted)) continue;
      this.bound.add(module);
      this.bind(module, routes);
    }
  }

  private bind(module: Module, routes: readonly DeclaredRoute[]): void {
    for (const { decidedAt, owner, handler } of routes) {
      const { interceptor } = enhancers[decidedAt];
      if (!module.injectables.has(interceptor)) {
        const useValue = new interceptor(this.gates, this.settlements);
        module.addInjectable({ provide: interceptor, useValue }, 'interceptor');
      }
      bindInterceptor(
        interceptor,
        decidedAt === 'controller' ? owner : handler,
      );
    }
  }

  private routesIn(module: Module): DeclaredRoute[] {
    return ownersIn(module).flatMap((owner) => this.routes.get(owner) ?? []);
  }

  /** What has its limits from the configuration, and no gates yet, may come to have a deadline. */
  private isBusy({ handler, owner }: DeclaredRoute): boolean {
    const route = this.gates.of(handler, owner);
    return (
      route === undefined ||
      this.isBounded(route.bounds) ||
      route.settles ||
      !route.place.isLastGuard
    );
  }
}

function ownersIn({ controllers, providers }: Module): unknown[] {
  return [...controllers.values(), ...providers.values()].map(
    ({ metatype }) => metatype,
  );
}
