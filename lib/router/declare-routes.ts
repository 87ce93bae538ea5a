import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { closest } from 'fastest-levenshtein';
import { check, Fault } from '../config/fault.js';
import { Findings } from '../config/findings.js';
import { routerLimitFindings } from '../config/limit-findings.js';
import { looksLikeLimit } from '../config/schema/limit-text.js';
import { Policy, routerLimit } from '../config/schema/router-limit.schema.js';
import { DeclaredRoute } from './declared-route.js';
import { LIMITS, SKIPPED } from './metadata.js';
import { RouteLimit } from './route-parts.js';

type Owner = ReturnType<DiscoveryService['getControllers']>[number];

/** What the decorators of the whole application are read with. */
export interface RouteSources {
  readonly discovery: DiscoveryService;
  readonly scanner: MetadataScanner;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly findings: Findings;
  readonly faults: Fault[];
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
  const { discovery } = sources;
  const labels = new Set<string>();
  const owners = [...discovery.getControllers(), ...discovery.getProviders()];
  const seen = new Set<Function>();
  return owners.flatMap((owner) => {
    const type = owner.metatype;
    if (typeof type !== 'function' || !type.prototype || seen.has(type))
      return [];
    seen.add(type);
    return routesOf(owner, type, labels, sources);
  });
}

function routesOf(
  owner: Owner,
  type: Function,
  labels: Set<string>,
  sources: RouteSources,
): DeclaredRoute[] {
  const ownerLimits = limitsOn(type, type.name, sources);
  const prototype = type.prototype as object;
  const routes: DeclaredRoute[] = [];
  for (const method of sources.scanner.getAllMethodNames(prototype)) {
    const handler = Reflect.get(prototype, method) as Function;
    const where = `${type.name}.${method}`;
    const handlerLimits = limitsOn(handler, where, sources);
    const limits =
      ownerLimits && isHandler(handler)
        ? [...ownerLimits, ...(handlerLimits ?? [])]
        : handlerLimits;
    if (!limits || Reflect.getMetadata(SKIPPED, handler)) continue;
    routes.push({
      owner: type,
      handler,
      label: uniqueLabel(`${moduleName(owner)}${where}`, labels),
      limits,
      decidedAt: ownerLimits ? 'controller' : 'handler',
    });
  }
  return routes;
}

function limitsOn(
  decorated: Function,
  where: string,
  sources: RouteSources,
): RouteLimit[] | undefined {
  const written = Reflect.getMetadata(LIMITS, decorated) as
    unknown[] | undefined;
  const path = `@RouterRateLimit on ${where}`;
  if (written?.length === 0) {
    const allowed = 'at least one limit, or no decorator';
    sources.faults.push({ path, found: 'an empty list', allowed });
  }
  return written?.flatMap((limit) => readLimit(limit, path, sources));
}

function isHandler(method: Function): boolean {
  return HANDLER_MARKS.some((mark) => Reflect.hasMetadata(mark, method));
}

function readLimit(
  written: unknown,
  path: string,
  sources: RouteSources,
): RouteLimit[] {
  if (typeof written === 'string' && !looksLikeLimit(written)) {
    return readPolicy(written, path, sources);
  }
  const limit = check(routerLimit, written, path, sources.faults);
  if (!limit) return [];
  routerLimitFindings(limit, path).forEach((finding) =>
    sources.findings.add(finding),
  );
  return [{ limit, name: 'name' in limit ? limit.name : undefined }];
}

function readPolicy(
  name: string,
  path: string,
  { policies, faults }: RouteSources,
): RouteLimit[] {
  const policy = policies.get(name);
  if (policy) return [{ limit: policy, name, shared: policy.shared }];
  const names = [...policies.keys()];
  const hint =
    names.length > 0 ? `; did you mean "${closest(name, names)}"?` : '';
  faults.push({
    path,
    found: JSON.stringify(name),
    allowed: `the name of a policy of the configuration, or a limit such as "100/1m"${hint}`,
  });
  return [];
}

/** `catalog.` for a class of CatalogModule. */
function moduleName(owner: Owner): string {
  const name = owner.host?.metatype?.name.replace(/Module$/, '') ?? '';
  return name === '' ? '' : `${name[0].toLowerCase()}${name.slice(1)}.`;
}

/** Classes of the same name must not share buckets, not even when their modules are named alike too. */
function uniqueLabel(label: string, labels: Set<string>): string {
  let unique = label;
  for (let n = 2; labels.has(unique); n++) unique = `${label}#${n}`;
  labels.add(unique);
  return unique;
}
