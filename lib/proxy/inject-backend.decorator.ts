import { Inject, Provider } from '@nestjs/common';
import { markCopy, ApplicationClass } from '../config/application-classes.js';
import { didYouMean } from '../config/format/text.js';
import { Fault } from '../config/fault.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { BackendClient } from './backend-client.js';
import { HttpBackend } from './http-backend.js';
import { seeDocs } from '../core/docs-address.js';

/**
 * Names that the loaded code asks Nest for, as its decorators say: the module
 * reads them when an application is made, and offers a backend for each.
 */
const named = new Set<string>();

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
  const inject = Inject(getBackendToken(name));
  return (target: object, key?: string | symbol, index?: unknown) => {
    const type = typeof target === 'function' ? target : target.constructor;
    Reflect.defineMetadata(INJECTED, [...backendsInjectedBy(type), name], type);
    markCopy(type);
    inject(target, key, index as number);
  };
}

/** The names of the backends that a class injects, its base classes' included. */
export function backendsInjectedBy(type: Function): readonly string[] {
  return (Reflect.getMetadata(INJECTED, type) ?? []) as string[];
}

/**
 * Makes a class depend on a backend, as if it injected it: Nest does not start
 * the class where nobody offers that backend. The instance keeps nothing of it.
 */
export function requireBackend(name: string, prototype: object): void {
  const key = Symbol.for(`nestjs-floodgate:backend:${name}`);
  if (key in prototype) return;
  Object.defineProperty(prototype, key, { set: () => {} });
  Inject(getBackendToken(name))(prototype, key);
}

/**
 * The token under which Nest provides the {@link HttpBackend} of a backend: to
 * replace it in a test, or to ask the application for it.
 *
 * Ask for it before the application is made when its options come from
 * `forRootAsync` and no class injects the backend.
 *
 * @example
 * ```ts
 * const backend = app.get<HttpBackend>(getBackendToken('catalog'));
 * ```
 */
export function getBackendToken(name: string): string {
  named.add(name);
  const quoted = JSON.stringify(name);
  // Nest shows the token of what it cannot find, so it says what is missing.
  return `@InjectBackend(${quoted}) or @ProxyRateLimit(${quoted}) needs ThrottleModule: add ThrottleModule.forRoot({ … }) to the imports of the root module, or, in a test, a provider for getBackendToken(${quoted}). If it is there, two copies of nestjs-floodgate are loaded. ${seeDocs('errors', 'throttle-module-missing')}`;
}

/** A token of {@link BackendClient} for enhancers: of one that is not there Nest shows the sentence. */
export const REQUIRED_CLIENT = `@ProxyRateLimit() needs ThrottleModule: add ThrottleModule.forRoot({ … }) to the imports of the root module. ${seeDocs('errors', 'throttle-module-missing')}`;

/**
 * A provider for each backend that the loaded code names, and for those that
 * are known to be configured.
 */
export function backendProviders(configured: Iterable<string>): Provider[] {
  const backends = [...new Set([...configured, ...named])].map((name) => ({
    provide: getBackendToken(name),
    inject: [BackendClient],
    // A class of another application in the process may name a backend that this one has not.
    useFactory: (client: BackendClient): HttpBackend | undefined =>
      client.has(name) ? client.backend(name) : undefined,
  }));
  return [
    { provide: REQUIRED_CLIENT, useExisting: BackendClient },
    ...backends,
  ];
}

/** The tokens of {@link backendProviders}. */
export function backendTokens(configured: Iterable<string>): string[] {
  const names = [...new Set([...configured, ...named])];
  return [REQUIRED_CLIENT, ...names.map(getBackendToken)];
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
