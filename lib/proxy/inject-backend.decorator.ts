import { Inject, Provider, Scope } from '@nestjs/common';
import { BackendClient } from './backend-client.js';
import { HttpBackend } from './http-backend.js';

/** Names that some class injects; the module provides a backend for each. */
const injected = new Set<string>();

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
  return Inject(getBackendToken(name));
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
