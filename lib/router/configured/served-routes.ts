import { RequestMethod } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  ModulesContainer,
} from '@nestjs/core';
// Prefixes, versions and exclusions are joined by Nest's own hand, so that what it serves is what is matched.
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';

/** One method and path under which a handler is reached. */
export interface ServedRoute {
  readonly owner: Function;
  readonly handler: Function;
  /** `GET`, or `ALL` for any. */
  readonly method: string;
  readonly path: string;
}

type PathParts = Parameters<RoutePathFactory['create']>[0];
type Controller = ReturnType<DiscoveryService['getControllers']>[number];

/** The HTTP routes of the application, with its prefixes and versions; these are settled once it initialises. */
export class ServedRoutes {
  private readonly paths: RoutePathFactory;

  constructor(
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly discovery: DiscoveryService,
  ) {
    this.paths = new RoutePathFactory(config);
  }

  /** Every method and path that leads to `handler` of `owner`. */
  of(owner: Function, handler: Function): ServedRoute[] {
    const method = metadata<RequestMethod>('method', handler);
    if (method === undefined) return [];
    return this.discovery
      .getControllers()
      .filter(({ metatype }) => metatype === owner)
      .flatMap((controller) => this.pathsOf(controller, handler, method))
      .map((path) => ({ owner, handler, method: RequestMethod[method], path }));
  }

  private pathsOf(
    controller: Controller,
    handler: Function,
    method: RequestMethod,
  ): string[] {
    const owner = controller.metatype as Function;
    const versioningOptions = this.config.getVersioning();
    const parts: PathParts = {
      modulePath: this.modulePath(controller.host?.metatype),
      globalPrefix: withSlash(this.config.getGlobalPrefix()),
      controllerVersion:
        versioningOptions &&
        (versionOf(owner) ?? versioningOptions.defaultVersion),
      methodVersion: versionOf(handler),
      versioningOptions,
    };
    return pathsAt(owner).flatMap((ctrlPath) =>
      pathsAt(handler).flatMap((methodPath) =>
        this.paths.create({ ...parts, ctrlPath, methodPath }, method),
      ),
    );
  }

  /** What RouterModule put before the paths of a module. */
  private modulePath(module: Function | null | undefined): string | undefined {
    if (!module) return undefined;
    const { applicationId } = this.modules;
    return (
      metadata<string>(`__module_path__${applicationId}`, module) ??
      metadata<string>('__module_path__', module)
    );
  }
}

function metadata<Value>(key: string, target: Function): Value | undefined {
  return Reflect.getMetadata(key, target) as Value | undefined;
}

function versionOf(target: Function): PathParts['methodVersion'] {
  return metadata('__version__', target);
}

/** The paths that decorators put on a controller or a handler. */
function pathsAt(target: Function): string[] {
  const written = metadata<string | string[]>('path', target) ?? '';
  return (Array.isArray(written) ? written : [written]).map(withSlash);
}

function withSlash(path: string): string {
  return path === '' || path.startsWith('/') ? path : `/${path}`;
}
