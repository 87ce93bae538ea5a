import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Findings } from '../config/findings.js';
import {
  limitWithoutHandler,
  skipWithoutLimit,
} from './declaration-findings.js';
import { DecoratorLimits, LimitSources } from './decorator-limits.js';
import { DeclaredRoute } from './declared-route.js';
import { FROM_ROUTES, LIMITS, SKIPPED } from './metadata.js';
import { routeFindings } from './route-findings.js';
import { RouteLabels } from './route-labels.js';
import { secondLimiters } from './second-limiter.js';

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
    findings: sources.findings,
  };
  const owners = [...discovery.getControllers(), ...discovery.getProviders()];
  const seen = new Set<Function>();
  const routes = owners.flatMap((owner) => {
    const type = owner.metatype;
    if (typeof type !== 'function' || !type.prototype || seen.has(type))
      return [];
    seen.add(type);
    return routesOf(owner, type, reading);
  });
  const providers = owners.map(({ metatype }) => metatype);
  sources.findings.addAll(secondLimiters(providers, routes));
  return routes;
}

interface Reading {
  readonly scanner: MetadataScanner;
  readonly limits: DecoratorLimits;
  readonly labels: RouteLabels;
  readonly findings: Findings;
}

function routesOf(
  owner: Owner,
  type: Function,
  { scanner, limits: written, labels, findings }: Reading,
): DeclaredRoute[] {
  const ownerLimits = written.on(type, type.name);
  const prototype = type.prototype as object;
  const routes: DeclaredRoute[] = [];
  for (const method of scanner.getAllMethodNames(prototype)) {
    const handler = Reflect.get(prototype, method) as Function;
    const where = `${type.name}.${method}`;
    const handlerLimits = written.on(handler, where);
    const skips = Reflect.getMetadata(SKIPPED, handler) === true;
    const inherited = skips || !isHandler(handler) ? undefined : ownerLimits;
    const limits = inherited
      ? [...inherited, ...(handlerLimits ?? [])]
      : handlerLimits;
    if (skips && !ownerLimits) findings.add(skipWithoutLimit(where));
    if (!limits) continue;
    if (isPlainMethod(handler)) findings.add(limitWithoutHandler(where));
    findings.addAll(routeFindings(limits, where));
    routes.push({
      owner: type,
      handler,
      label: labels.unique(`${moduleName(owner)}${where}`),
      limits,
      isConfigured: (!skips && isConfigured(type)) || isConfigured(handler),
      decidedAt: ownerLimits ? 'controller' : 'handler',
    });
  }
  if (ownerLimits && routes.length === 0 && !hasHandler(prototype, scanner)) {
    findings.add(limitWithoutHandler(type.name));
  }
  return routes;
}

function hasHandler(prototype: object, scanner: MetadataScanner): boolean {
  return scanner
    .getAllMethodNames(prototype)
    .some((method) => isHandler(Reflect.get(prototype, method) as Function));
}

/** What Nest, TypeScript and this library put on methods that nothing calls for a request. */
const PLAIN_MARKS = /^(?:floodgate:|design:|__)/;

/** Whether no decorator of any transport, ours or others', stands on the method. */
function isPlainMethod(method: Function): boolean {
  const marks = Reflect.getMetadataKeys(method) as unknown[];
  return marks.every(
    (mark) => typeof mark === 'string' && PLAIN_MARKS.test(mark),
  );
}

/** Whether a decorator leaves it to the configuration what the limits are. */
function isConfigured(decorated: Function): boolean {
  const written = Reflect.getMetadata(LIMITS, decorated) as
    unknown[] | undefined;
  return written?.includes(FROM_ROUTES) === true;
}

function isHandler(method: Function): boolean {
  return HANDLER_MARKS.some((mark) => Reflect.hasMetadata(mark, method));
}

/** `catalog.` for a class of CatalogModule. */
function moduleName(owner: Owner): string {
  const name = owner.host?.metatype?.name.replace(/Module$/, '') ?? '';
  return name === '' ? '' : `${name[0].toLowerCase()}${name.slice(1)}.`;
}
