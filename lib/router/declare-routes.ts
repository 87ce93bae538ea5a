import {
  ApplicationClass,
  ClassMethod,
} from '../discovery/application-classes.js';
import { Marks } from '../discovery/marks.js';
import { Findings } from '../config/findings.js';
import {
  limitWithoutHandler,
  skipWithoutLimit,
} from './declaration-findings.js';
import { DecoratorLimits, LimitSources } from './decorator-limits.js';
import { DeclaredRoute } from './declared-route.js';
import { isHandler } from './handler-marks.js';
import { SKIPPED } from './metadata.js';
import { routeFindings } from './route-findings.js';
import { RouteLabels } from './route-labels.js';
import { secondLimiters } from './second-limiter.js';

/** What the decorators of the whole application are read with. */
export interface RouteSources extends LimitSources {
  readonly classes: readonly ApplicationClass[];
}

/** Finds every limited handler of the application and checks its limits; what is wrong goes to the faults. */
export function declareRoutes(sources: RouteSources): DeclaredRoute[] {
  const { classes, findings } = sources;
  const reading = {
    limits: new DecoratorLimits(sources),
    labels: new RouteLabels(),
    findings,
  };
  const routes = classes.flatMap((owner) => routesOf(owner, reading));
  findings.addAll(secondLimiters(classes, routes));
  return routes;
}

interface Reading {
  readonly limits: DecoratorLimits;
  readonly labels: RouteLabels;
  readonly findings: Findings;
}

function routesOf(
  { type, module, marks: ownerMarks, methods }: ApplicationClass,
  { limits: written, labels, findings }: Reading,
): DeclaredRoute[] {
  const ofOwner = written.on(type, type.name);
  const place = placeIn(module);
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
      ownerMarks,
      handler,
      marks,
      label: labels.unique(`${place}${where}`),
      limits,
      isConfigured:
        inherited?.isConfigured === true || own?.isConfigured === true,
      decidedAt: ofOwner ? 'controller' : 'handler',
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

/** What Nest, TypeScript and this library put on methods that nothing calls for a request. */
const PLAIN_MARKS = /^(?:floodgate:|design:|__)/;

/** Whether no decorator of any transport, ours or others', stands on the method. */
function isPlainMethod(marks: Marks): boolean {
  return marks.every(
    (mark) => typeof mark === 'string' && PLAIN_MARKS.test(mark),
  );
}

/** `catalog.` for CatalogModule. */
function placeIn(module: string): string {
  const name = module.replace(/Module$/, '');
  return name === '' ? '' : `${name[0].toLowerCase()}${name.slice(1)}.`;
}
