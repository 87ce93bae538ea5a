import { Inject, Provider, Scope } from '@nestjs/common';
import { didYouMean } from '../config/did-you-mean.js';
import { Fault } from '../config/fault.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { ApplicationClass } from '../discovery/application-classes.js';
import { BackendClient } from './backend-client.js';
import { HttpBackend } from './http-backend.js';

/** Names that some class injects; the module provides a backend for each. */
const injected = new Set<string>();

/** The names that a class injects. */
const INJECTED = 'floodgate:injected-backends';

/**
 * Injects the {@link HttpBackend} of one backend.
 *
 * @example
 * ```ts
 * constructor(@InjectBackend('catalog') private readonly catalog: HttpBackend) {}
 * ```
 */
export function InjectBackend(
  name: string,
): ParameterDecorator & PropertyDecorator {
  injected.add(name);
  const inject = Inject(getBackendToken(name));
  return (target: object, key?: string | symbol, index?: unknown) => {
    const type = typeof target === 'function' ? target : target.constructor;
    Reflect.defineMetadata(INJECTED, [...backendsInjectedBy(type), name], type);
    inject(target, key, index as number);
  };
}

/** The names of the backends that a class injects, its base classes' included. */
export function backendsInjectedBy(type: Function): readonly string[] {
  return (Reflect.getMetadata(INJECTED, type) ?? []) as string[];
}

/** The token under which a backend is provided, for tests that replace it. */
export function getBackendToken(name: string): string {
  return `floodgate:backend:${name}`;
}

/** One provider for each backend that is injected somewhere. */
export function injectedBackends(): Provider[] {
  return [...injected].map((name) => ({
    provide: getBackendToken(name),
    // Made for who injects it: a class of another application in the process may name a backend that this one has not.
    scope: Scope.TRANSIENT,
    inject: [BackendClient],
    useFactory: (client: BackendClient): HttpBackend => client.backend(name),
  }));
}

/** What the injections of an application are checked against. */
export interface InjectionSources {
  readonly classes: readonly ApplicationClass[];
  readonly backends: ReadonlyMap<string, BackendConfig>;
  readonly faults: Fault[];
}

/** A class of this application that injects a backend which is not configured is a fault. */
export function checkInjected(sources: InjectionSources): void {
  const { classes, backends, faults } = sources;
  for (const { type } of classes) {
    for (const name of new Set(backendsInjectedBy(type))) {
      if (backends.has(name)) continue;
      const hint = didYouMean(name, backends.keys());
      faults.push({
        path: `@InjectBackend("${name}") in ${type.name}`,
        found: JSON.stringify(name),
        allowed: `the name of a backend of the configuration${hint}`,
      });
    }
  }
}
