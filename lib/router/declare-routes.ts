import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { DecoratorLimits, LimitSources } from './decorator-limits.js';
import { DeclaredRoute } from './declared-route.js';
import { SKIPPED } from './metadata.js';
import { RouteLabels } from './route-labels.js';

type Owner = ReturnType<DiscoveryService['getControllers']>[number];

/** What the decorators of the whole application are read with. */
export interface RouteSources extends LimitSources {
  readonly discovery: DiscoveryService;
  readonly scanner: MetadataScanner;
}

/** Metadata by which Nest knows a method as a handler of some transport. */
const HANDLER_MARKS = [
  'path',
  'microservices:handler_type',
  'message',
  'graphql:resolver_type',
];

/** Finds every limited handler of the application and checks its limits; what is wrong goes to the faults. */
export function declareRoutes(sources: RouteSources): DeclaredRoute[] {
  const { discovery, scanner } = sources;
  const reading = {
    scanner,
    limits: new DecoratorLimits(sources),
    labels: new RouteLabels(),
  };
  const owners = [...discovery.getControllers(), ...discovery.getProviders()];
  const seen = new Set<Function>();
  return owners.flatMap((owner) => {
    const type = owner.metatype;
    if (typeof type !== 'function' || !type.prototype || seen.has(type))
      return [];
    seen.add(type);
    return routesOf(owner, type, reading);
  });
}

interface Reading {
  readonly scanner: MetadataScanner;
  readonly limits: DecoratorLimits;
  readonly labels: RouteLabels;
}

function routesOf(
  owner: Owner,
  type: Function,
  { scanner, limits: written, labels }: Reading,
): DeclaredRoute[] {
  const ownerLimits = written.on(type, type.name);
  const prototype = type.prototype as object;
  const routes: DeclaredRoute[] = [];
  for (const method of scanner.getAllMethodNames(prototype)) {
    const handler = Reflect.get(prototype, method) as Function;
    const where = `${type.name}.${method}`;
    const handlerLimits = written.on(handler, where);
    const limits =
      ownerLimits && isHandler(handler)
        ? [...ownerLimits, ...(handlerLimits ?? [])]
        : handlerLimits;
    if (!limits || Reflect.getMetadata(SKIPPED, handler)) continue;
    routes.push({
      owner: type,
      handler,
      label: labels.unique(`${moduleName(owner)}${where}`),
      limits,
      decidedAt: ownerLimits ? 'controller' : 'handler',
    });
  }
  return routes;
}

function isHandler(method: Function): boolean {
  return HANDLER_MARKS.some((mark) => Reflect.hasMetadata(mark, method));
}

/** `catalog.` for a class of CatalogModule. */
function moduleName(owner: Owner): string {
  const name = owner.host?.metatype?.name.replace(/Module$/, '') ?? '';
  return name === '' ? '' : `${name[0].toLowerCase()}${name.slice(1)}.`;
}
