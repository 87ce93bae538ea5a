import type { ModulesContainer } from '@nestjs/core';
import { enhancers } from './decision-place.js';
import { DeclaredRoute } from './declared-route.js';
import { isHttpOnly } from './handler-marks.js';
import type { RouteGates } from './route-gates.js';

type Module = ModulesContainer extends Map<string, infer M> ? M : never;

/** What an interceptor does for a route beside deciding. */
type Duties = Pick<RouteGates, 'bounds' | 'settles'>;

/** An option that needs an interceptor where none is left. */
export interface Missed {
  readonly option: string;
  /** The label of a handler. */
  readonly label: string;
}

/**
 * Takes our interceptors out of modules where guards decide all and nothing is
 * bounded or settled. Nest leaves out what a module does not hold, and with the
 * last interceptor its whole chain of them, which costs a request about as much
 * as all else that Nest does for it.
 */
export class IdleInterceptors {
  /** Controllers that have none until the application starts anew. */
  private readonly without = new Set<unknown>();

  constructor(
    private readonly routes: readonly DeclaredRoute[],
    private readonly gates: RouteGates,
    private readonly modules: ModulesContainer,
  ) {}

  /** To be called once, when the application knows its global interceptors and before Nest puts its handlers together. */
  takeOut(): void {
    const busy = new Set<unknown>();
    for (const route of this.routes) {
      if (!busy.has(route.owner) && this.isBusy(route)) busy.add(route.owner);
    }
    for (const module of this.modules.values()) {
      const owners = ownersIn(module);
      if (owners.some((owner) => busy.has(owner))) continue;
      for (const { interceptor } of Object.values(enhancers)) {
        module.injectables.delete(interceptor);
      }
      for (const owner of owners) this.without.add(owner);
    }
  }

  /** What the next gates would ask of handlers that are without one; the first handler stands for all. */
  missed(routes: readonly DeclaredRoute[], next: Duties): Missed[] {
    const without = routes.filter(({ owner }) => this.without.has(owner));
    const bounded = without.find((route) => next.bounds(route));
    const settled = without.find((route) => next.settles(route));
    return [
      ...(bounded ? [{ option: 'timeout', label: bounded.label }] : []),
      ...(settled ? [{ option: 'settle', label: settled.label }] : []),
    ];
  }

  /** What has its limits from the configuration, and no gates yet, may come to have a deadline. */
  private isBusy({ handler, owner }: DeclaredRoute): boolean {
    const route = this.gates.of(handler, owner);
    return (
      route === undefined ||
      route.bounds !== undefined ||
      route.settles ||
      !isHttpOnly(handler) ||
      !route.place.isLastGuard
    );
  }
}

function ownersIn({ controllers, providers }: Module): unknown[] {
  return [...controllers.values(), ...providers.values()].map(
    ({ metatype }) => metatype,
  );
}
