import { Inject, Provider } from '@nestjs/common';
import { markCopy, ApplicationClass } from '../config/application-classes.js';
import { didYouMean } from '../config/format/text.js';
import { Fault } from '../config/fault.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { BackendClient } from './backend-client.js';
import { HttpBackend } from './http-backend.js';
import { seeDocs } from '../core/docs-address.js';

/**
 * Backend names found in decorators of the loaded code. The module registers a
 * provider for each of them when an application is created.
 */
const named = new Set<string>();

/** Metadata key: the backends that a class injects. */
const INJECTED = 'floodgate:injected-backends';

/**
 * Injects the {@link HttpBackend} of one backend. The application does not start
 * when no backend with that name is configured.
 *
 * @param name the name of the backend in the configuration
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

/** The names of the backends that a class or its base classes inject. */
export function backendsInjectedBy(type: Function): readonly string[] {
  return (Reflect.getMetadata(INJECTED, type) ?? []) as string[];
}

/**
 * Makes a class depend on a backend as if it injected it, so that Nest fails at
 * startup when the backend has no provider. The instance does not store it.
 */
export function requireBackend(name: string, prototype: object): void {
  const key = Symbol.for(`nestjs-floodgate:backend:${name}`);
  if (key in prototype) return;
  Object.defineProperty(prototype, key, { set: () => {} });
  Inject(getBackendToken(name))(prototype, key);
}

/**
 * Returns the injection token of a backend's {@link HttpBackend}. Use it to
 * override the backend in a test, or to get it from the application.
 *
 * If the options come from `forRootAsync` and no class injects the backend, call
 * this function before the application is created.
 *
 * @example
 * ```ts
 * const backend = app.get<HttpBackend>(getBackendToken('catalog'));
 * ```
 */
export function getBackendToken(name: string): string {
  named.add(name);
  const quoted = JSON.stringify(name);
  // Nest prints the token of a missing provider, so the token is the error message.
  return `@InjectBackend(${quoted}) or @ProxyRateLimit(${quoted}) needs ThrottleModule: add ThrottleModule.forRoot({ … }) to the imports of the root module, or, in a test, a provider for getBackendToken(${quoted}). If it is there, two copies of nestjs-floodgate are loaded. ${seeDocs('errors', 'throttle-module-missing')}`;
}

/** A token of {@link BackendClient} for guards. Nest prints this sentence when the provider is missing. */
export const REQUIRED_CLIENT = `@ProxyRateLimit() needs ThrottleModule: add ThrottleModule.forRoot({ … }) to the imports of the root module. ${seeDocs('errors', 'throttle-module-missing')}`;

/**
 * Creates a provider for each backend that is named in the loaded code or known
 * to be configured.
 */
export function backendProviders(configured: Iterable<string>): Provider[] {
  const backends = [...new Set([...configured, ...named])].map((name) => ({
    provide: getBackendToken(name),
    inject: [BackendClient],
    // Another application in this process may name a backend that this one lacks.
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

/** The input of {@link checkInjected}. */
export interface InjectionSources {
  readonly classes: readonly ApplicationClass[];
  readonly backends: ReadonlyMap<string, BackendConfig>;
  readonly faults: Fault[];
}

/** Reports a fault for each class of the application that injects an unconfigured backend. */
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
