import { RequestMethod, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import type { VersioningOptions } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  ModulesContainer,
} from '@nestjs/core';
import {
  HOST,
  METHOD,
  metadataOf,
  MODULE_PATH,
  PATH,
  VERSION,
} from './nest-metadata.js';

/** A method and path that lead to a handler. */
export interface ServedRoute {
  readonly owner: Function;
  readonly handler: Function;
  /** `GET`, or `ALL` for any. */
  readonly method: string;
  readonly path: string;
  /** Whether the handler depends on more than method and path: a host, or a header version. */
  readonly isConditional: boolean;
}

/** The methods of the requests that a route of `method` serves, or `undefined` if it serves all: HEAD is served by GET. */
export function methodsServed(method: string): readonly string[] | undefined {
  if (method === 'ALL') return undefined;
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

/** Whether a route of `method` serves requests of another. */
export function serves(method: string, requested: string): boolean {
  return methodsServed(method)?.includes(requested) ?? true;
}

type Controller = ReturnType<DiscoveryService['getControllers']>[number];
type Version = string | symbol | readonly (string | symbol)[];
type Excluded = NonNullable<
  ReturnType<ApplicationConfig['getGlobalPrefixOptions']>['exclude']
>[number];

/** The HTTP routes of the application, with its prefixes and versions, which are final once it initialises. */
export class ServedRoutes {
  private byOwner: Map<Function, Controller[]> | undefined;

  constructor(
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly discovery: DiscoveryService,
  ) {}

  /** Every method and path that leads to `handler` of `owner`. */
  of(owner: Function, handler: Function): ServedRoute[] {
    const method = metadataOf<RequestMethod>(METHOD, handler);
    if (method === undefined) return [];
    this.byOwner ??= this.controllers();
    return (this.byOwner.get(owner) ?? []).flatMap((controller) =>
      this.at(controller, owner, handler, method),
    );
  }

  private controllers(): Map<Function, Controller[]> {
    const byOwner = new Map<Function, Controller[]>();
    for (const controller of this.discovery.getControllers()) {
      const owner = controller.metatype as Function;
      byOwner.set(owner, [...(byOwner.get(owner) ?? []), controller]);
    }
    return byOwner;
  }

  private at(
    controller: Controller,
    owner: Function,
    handler: Function,
    method: RequestMethod,
  ): ServedRoute[] {
    const versioning = this.config.getVersioning();
    const version =
      versioning &&
      (metadataOf<Version>(VERSION, handler) ??
        metadataOf<Version>(VERSION, owner) ??
        versioning.defaultVersion);
    const isByHeader =
      version !== undefined && versioning?.type !== VersioningType.URI;
    const isConditional = isByHeader || metadataOf(HOST, owner) !== undefined;
    const modulePath = this.modulePath(controller.host?.metatype);
    return versionPrefixes(version, versioning).flatMap((versionPrefix) =>
      pathsAt(owner).flatMap((controllerPath) =>
        pathsAt(handler).map((handlerPath): ServedRoute => {
          const own = joined(modulePath, controllerPath, handlerPath);
          const path = this.withPrefix(versionPrefix, own, method);
          const name = RequestMethod[method];
          return { owner, handler, method: name, path, isConditional };
        }),
      ),
    );
  }

  /** The global prefix comes before the version, unless the path is excluded from it. */
  private withPrefix(
    versionPrefix: string,
    path: string,
    method: RequestMethod,
  ): string {
    const prefix = joined(this.config.getGlobalPrefix());
    const { exclude = [] } = this.config.getGlobalPrefixOptions();
    const isExcluded = exclude.some((route) =>
      excludes(route, path === '' ? '/' : path, method),
    );
    const whole = joined(isExcluded ? '' : prefix, versionPrefix, path);
    return whole === '' ? '/' : whole;
  }

  /** The prefix that RouterModule gives a module's paths. */
  private modulePath(module: Function | null | undefined): string {
    if (!module) return '';
    const { applicationId } = this.modules;
    return (
      metadataOf<string>(`${MODULE_PATH}${applicationId}`, module) ??
      metadataOf<string>(MODULE_PATH, module) ??
      ''
    );
  }
}

function excludes(
  { requestMethod, pathRegex }: Excluded,
  path: string,
  method: RequestMethod,
): boolean {
  const isOfMethod =
    requestMethod === RequestMethod.ALL ||
    Number(requestMethod) === -1 ||
    requestMethod === method;
  return isOfMethod && pathRegex.test(path);
}

/** `/v1` for each version in the path; nothing if the version is elsewhere. */
function versionPrefixes(
  version: Version | undefined,
  versioning: VersioningOptions | undefined,
): string[] {
  if (version === undefined || versioning?.type !== VersioningType.URI) {
    return [''];
  }
  const prefix = versioning.prefix === false ? '' : (versioning.prefix ?? 'v');
  return [version]
    .flat()
    .map((one) => (one === VERSION_NEUTRAL ? '' : `/${prefix}${String(one)}`));
}

/** The paths in the decorators of a controller or handler. */
function pathsAt(target: Function): string[] {
  return [metadataOf<string | string[]>(PATH, target) ?? ''].flat();
}

/** Path segments with one slash before each and none at the end. */
function joined(...parts: readonly string[]): string {
  return parts
    .map((part) => part.replace(/^\/*(?=.)/, '/').replace(/\/+$/, ''))
    .join('');
}
