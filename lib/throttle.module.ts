import { DynamicModule, Module } from '@nestjs/common';
import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import { DiscoveryModule, ModuleRef, ModulesContainer } from '@nestjs/core';
import { exported, providers, THROTTLE_OPTIONS } from './providers.js';
import { ThrottleConfigError } from './config/fault.js';
import { isObject } from './config/values.js';
import { ThrottleOptions } from './config/schema/throttle-options.schema.js';
import {
  backendProviders,
  backendTokens,
} from './proxy/inject-backend.decorator.js';
import { ENFORCER } from './router/enforce/enforcer.js';
import { Router } from './router/router.js';
import { seeDocs } from './core/docs-address.js';

/** How `forRootAsync` gets its options. */
export interface ThrottleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Tokens of the providers passed to `useFactory`. */
  inject?: FactoryProvider['inject'];
  useFactory: (...args: never[]) => ThrottleOptions | Promise<ThrottleOptions>;
}

/**
 * Sets up the limits of an application. Import it once, in the root module.
 *
 * If the configuration or a decorator is invalid, the application doesn't
 * start: it fails with one ThrottleConfigError that lists every fault.
 */
@Module({})
export class ThrottleModule {
  /** @internal */
  constructor(
    modules: ModulesContainer,
    private readonly moduleRef: ModuleRef,
  ) {
    checkImports([...modules.values()]);
  }

  /** Called by Nest when prefixes and versions are known and no route is registered yet. @internal */
  configure(): void {
    this.start();
  }

  /** For applications without HTTP, where Nest doesn't call `configure`. @internal */
  onModuleInit(): void {
    this.start();
  }

  private start(): void {
    const faults = this.moduleRef.get(Router).start();
    if (faults.length > 0) throw new ThrottleConfigError(faults);
  }

  /**
   * Sets up limits and backends with the given options.
   *
   * @param options see docs/configuration.md for every option with its default
   * @throws ThrottleConfigError when the application starts, with every fault of the options and the decorators
   * @example
   * ```ts
   * @Module({
   *   imports: [
   *     ThrottleModule.forRoot({
   *       policies: { search: { clientMaxRate: 5, clientCapacity: 10 } },
   *       backends: {
   *         catalog: {
   *           hosts: ['http://catalog:8080'],
   *           circuitBreaker: { maxErrors: 3, interval: '60s', timeout: '10s' },
   *           timeout: '800ms',
   *         },
   *       },
   *     }),
   *   ],
   * })
   * export class AppModule {}
   * ```
   */
  static forRoot(options: ThrottleOptions = {}): DynamicModule {
    const named = isObject(options) && isObject(options.backends);
    return throttleModule(
      [{ provide: THROTTLE_OPTIONS, useValue: options }],
      named ? Object.keys(options.backends!) : [],
    );
  }

  /**
   * Sets up limits and backends with options from a factory, which may be
   * asynchronous and can inject providers such as a configuration service.
   *
   * @throws ThrottleConfigError when the application starts, with every fault of the options and the decorators
   * @example
   * ```ts
   * @Module({
   *   imports: [
   *     ThrottleModule.forRootAsync({
   *       imports: [ConfigModule],
   *       inject: [ConfigService],
   *       useFactory: (config: ConfigService) => ({
   *         backends: { catalog: { hosts: [config.getOrThrow('CATALOG_URL')] } },
   *       }),
   *     }),
   *   ],
   * })
   * export class AppModule {}
   * ```
   */
  static forRootAsync(options: ThrottleAsyncOptions): DynamicModule {
    const { useFactory, inject, imports } = options;
    return throttleModule(
      [{ provide: THROTTLE_OPTIONS, useFactory, inject }],
      [],
      imports,
    );
  }
}

function throttleModule(
  options: NonNullable<DynamicModule['providers']>,
  backends: readonly string[],
  imports: ModuleMetadata['imports'] = [],
): DynamicModule {
  return {
    module: ThrottleModule,
    global: true,
    imports: [DiscoveryModule, ...imports],
    // Read when the application is created: by then, every class has registered the backends it injects.
    get providers() {
      return [...options, ...providers, ...backendProviders(backends)];
    },
    get exports() {
      return [...exported, ...backendTokens(backends)];
    },
  };
}

type ModuleOfNest = ReturnType<ModulesContainer['get']> & object;

/**
 * Checks that ThrottleModule is imported with options, and only once. Without
 * options nothing would be limited, and two engines would charge each request
 * twice. A second copy of the library counts too: both copies use the same
 * token for their options.
 *
 * @throws Error that says what to import, and where
 */
function checkImports(all: readonly ModuleOfNest[]): void {
  const hasOptions = (module: ModuleOfNest) =>
    module.providers.has(THROTTLE_OPTIONS);
  const bare = all.filter(
    (module) => module.metatype === ThrottleModule && !hasOptions(module),
  );
  if (bare.length > 0) {
    throw new Error(
      `ThrottleModule needs options (${importersOf(bare, all)} imports it without): add ThrottleModule.forRoot({ … }) to the imports of the root module, and to no other. ${seeDocs('errors', 'module-without-options')}`,
    );
  }
  const unlimited = all.find(
    (module) => !hasOptions(module) && module.providers.has(ENFORCER),
  );
  if (unlimited) {
    throw new Error(
      `${unlimited.metatype.name} has noRateLimits among its providers, which would switch its limits off: leave it to tests without ThrottleModule. ${seeDocs('errors', 'no-rate-limits-in-application')}`,
    );
  }
  const ours = all.filter(hasOptions);
  if (ours.length < 2) return;
  throw new ThrottleConfigError([
    {
      path: 'ThrottleModule',
      found: `${ours.length} modules with options`,
      allowed:
        'one: ThrottleModule.forRoot({ … }) or forRootAsync in the imports of the root module; its limits hold in the whole application',
    },
  ]);
}

function importersOf(
  modules: readonly ModuleOfNest[],
  all: readonly ModuleOfNest[],
): string {
  const importers = all.filter(({ imports }) =>
    modules.some((module) => imports.has(module)),
  );
  const names = importers.map(({ metatype }) => metatype.name);
  return [...new Set(names)].join(' and ');
}
