import {
  ApplicationClass,
  ClassMethod,
  Marks,
} from '../../config/application-classes.js';
import { Findings } from '../../config/findings.js';
import { SKIPPED } from '../decorators/metadata.js';
import { DeclaredRoute } from './declared-route.js';
import { DecoratorLimits, LimitSources } from './decorator-limits.js';
import { isHandler } from './nest-metadata.js';
import {
  limitWithoutHandler,
  routeFindings,
  secondLimiters,
  skipWithoutLimit,
} from './route-findings.js';

/** What the decorators of the whole application are read with. */
export interface RouteSources extends LimitSources {
  readonly classes: readonly ApplicationClass[];
}

/** Finds every limited handler of the application and checks its limits; adds what is wrong to the faults. */
export function* declaredRoutes(
  sources: RouteSources,
): Generator<undefined, DeclaredRoute[]> {
  const { classes, findings } = sources;
  const reading = {
    limits: new DecoratorLimits(sources),
    labels: new RouteLabels(),
    findings,
  };
  const routes: DeclaredRoute[] = [];
  for (const owner of classes) {
    routes.push(...routesOf(owner, reading));
    yield;
  }
  findings.addAll(secondLimiters(classes, routes));
  return routes;
}

interface Reading {
  readonly limits: DecoratorLimits;
  readonly labels: RouteLabels;
  readonly findings: Findings;
}

function routesOf(
  { type, module, methods }: ApplicationClass,
  { limits: written, labels, findings }: Reading,
): DeclaredRoute[] {
  const ofOwner = written.on(type, type.name);
  const prefix = modulePrefix(module);
  const routes: DeclaredRoute[] = [];
  for (const { name, body: handler, marks } of methods) {
    const where = `${type.name}.${name}`;
    const own = written.on(handler, where);
    const skips = marks.includes(SKIPPED);
    if (skips && !ofOwner) findings.add(skipWithoutLimit(where));
    const inherited = ofOwner && !skips ? ofOwner : undefined;
    const applies = inherited !== undefined && isHandler(marks);
    if (!own && !applies) continue;
    if (!isHandler(marks) && isPlainMethod(marks)) {
      findings.add(limitWithoutHandler(where));
    }
    const limits = applies
      ? [...inherited.limits, ...(own?.limits ?? [])]
      : (own?.limits ?? []);
    findings.addAll(routeFindings(limits, where));
    routes.push({
      owner: type,
      name,
      handler,
      marks,
      label: labels.unique(`${prefix}${where}`),
      limits,
      isConfigured:
        inherited?.isConfigured === true || own?.isConfigured === true,
    });
  }
  if (ofOwner && routes.length === 0 && !methods.some(isServed)) {
    findings.add(limitWithoutHandler(type.name));
  }
  return routes;
}

function isServed({ marks }: ClassMethod): boolean {
  return isHandler(marks);
}

/** Metadata of Nest, TypeScript and this library on methods that serve no requests. */
const PLAIN_MARKS = /^(?:floodgate:|design:|__)/;

/** Whether the method has no decorator of any transport, ours or others'. */
function isPlainMethod(marks: Marks): boolean {
  return marks.every(
    (mark) => typeof mark === 'string' && PLAIN_MARKS.test(mark),
  );
}

/** `catalog.` for CatalogModule. */
function modulePrefix(module: string): string {
  const name = module.replace(/Module$/, '');
  return name === '' ? '' : `${name[0].toLowerCase()}${name.slice(1)}.`;
}

/** Gives each route a unique label: classes with the same name must not share buckets, not even in modules with the same name. */
export class RouteLabels {
  private readonly given = new Map<string, number>();

  /** The label itself the first time, then with a number. */
  unique(label: string): string {
    const times = (this.given.get(label) ?? 0) + 1;
    this.given.set(label, times);
    return times === 1 ? label : this.unique(`${label}#${times}`);
  }
}
