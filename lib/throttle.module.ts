import { DynamicModule, Inject, Module } from '@nestjs/common';
import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ThrottleConfigError } from './config/fault.js';
import type { ThrottleOptions } from './config/schema/throttle-options.schema.js';
import { injectedBackends } from './proxy/inject-backend.decorator.js';
import { Router } from './router/router.js';
import { exported, providers } from './assembly/providers.js';
import { THROTTLE_OPTIONS } from './assembly/tokens.js';

/** How `forRootAsync` comes by its options. */
export interface ThrottleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Tokens whose values are given to `useFactory`. */
  inject?: FactoryProvider['inject'];
  useFactory: (...args: never[]) => ThrottleOptions | Promise<ThrottleOptions>;
}

/**
 * Sets up the limits of an application, once, in its root module.
 *
 * The application does not start when the configuration or a decorator is
 * wrong: it fails with one ThrottleConfigError that lists every fault.
 */
@Module({})
export class ThrottleModule {
  /** @internal */
  constructor(@Inject(Router) private readonly router: Router) {}

  /** Of NestModule: prefixes and versions are settled, and no route is registered yet. @internal */
  configure(): void {
    this.start();
  }

  /** For applications without HTTP, whose modules Nest does not ask to configure. @internal */
  onModuleInit(): void {
    this.start();
  }

  private start(): void {
    const faults = this.router.start();
    if (faults.length > 0) throw new ThrottleConfigError(faults);
  }

  /** Takes the options as they are. */
  static forRoot(options: ThrottleOptions = {}): DynamicModule {
    return throttleModule([{ provide: THROTTLE_OPTIONS, useValue: options }]);
  }

  /** Takes the options from a factory, which may await them. */
  static forRootAsync(options: ThrottleAsyncOptions): DynamicModule {
    const { useFactory, inject, imports } = options;
    return throttleModule(
      [{ provide: THROTTLE_OPTIONS, useFactory, inject }],
      imports,
    );
  }
}

function throttleModule(
  options: NonNullable<DynamicModule['providers']>,
  imports: ModuleMetadata['imports'] = [],
): DynamicModule {
  return {
    module: ThrottleModule,
    global: true,
    imports: [DiscoveryModule, ...imports],
    // Read when the application is made: by then every class has named the backends it injects.
    get providers() {
      return [...options, ...providers, ...injectedBackends()];
    },
    get exports() {
      return [...exported, ...injectedBackends()];
    },
  };
}
