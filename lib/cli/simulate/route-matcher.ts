import { routePattern } from '../../router/declare/route-pattern.js';

/** A route, and how to read its parameters. */
export interface Match<Route> {
  readonly route: Route;
  params(): Readonly<Record<string, string>>;
}

/** What the web framework beneath the application takes for the same path. */
export type Framework = 'express' | 'fastify';

interface Target<Route> {
  readonly route: Route;
  /** The names of the parameters, in order. */
  readonly names: readonly string[];
  /** What parameters must match, where they must. */
  readonly rules: readonly (RegExp | undefined)[];
}

/** Where paths of one beginning go on. */
class Branch<Route> {
  readonly fixed = new Map<string, Branch<Route>>();
  /** Segments such as `:id.json`, by their shape. */
  readonly mixed = new Map<string, { pattern: RegExp; next: Branch<Route> }>();
  param: Branch<Route> | undefined;
  wildcard: Branch<Route> | undefined;
  /** In the order in which they are asked: those with rules first. */
  readonly targets: Target<Route>[] = [];
}

/**
 * Finds the route of a method and path as the web framework does: text before
 * a parameter, a parameter before a wildcard, and a wildcard over as many
 * segments as there are. A handler for GET answers HEAD too, unless there is
 * one for that.
 */
export class RouteMatcher<Route> {
  private readonly roots = new Map<string, Branch<Route>>();

  constructor(
    routes: Iterable<readonly [key: string, route: Route]>,
    private readonly framework: Framework = 'express',
  ) {
    for (const [key, route] of routes) {
      const [method, path] = key.split(' ');
      for (const plain of withoutOptionals(path)) {
        this.add(method, plain, route);
      }
    }
  }

  find(method: string, path: string): Match<Route> | undefined {
    const found = this.findExactly(method, path);
    return method === 'HEAD' ? (found ?? this.findExactly('GET', path)) : found;
  }

  private add(method: string, path: string, route: Route): void {
    const { shape, params, rules } = routePattern(path);
    let branch = this.roots.get(method);
    if (!branch) this.roots.set(method, (branch = new Branch()));
    for (const segment of shape.slice(1).split('/')) {
      branch = this.next(branch, segment);
    }
    this.end(branch, {
      route,
      names: params,
      rules: rules.map((rule) => this.expression(rule)),
    });
  }

  /** The first route of a path wins, among those with rules and among those without. */
  private end({ targets }: Branch<Route>, target: Target<Route>): void {
    if (!hasRules(target)) targets.push(target);
    else targets.splice(targets.findLastIndex(hasRules) + 1, 0, target);
  }

  /** Express compares the whole of a parameter, Fastify only what the expression names. */
  private expression(rule: string | undefined): RegExp | undefined {
    if (rule === undefined) return undefined;
    try {
      return new RegExp(this.framework === 'express' ? `^(?:${rule})$` : rule);
    } catch {
      // No application starts with it.
      return undefined;
    }
  }

  private next(branch: Branch<Route>, segment: string): Branch<Route> {
    if (segment === '*') return (branch.wildcard ??= new Branch());
    if (segment === ':') return (branch.param ??= new Branch());
    const text = this.folded(segment);
    if (/[:*]/.test(segment)) {
      let mixed = branch.mixed.get(text);
      if (!mixed) {
        mixed = { pattern: segmentPattern(text), next: new Branch() };
        branch.mixed.set(text, mixed);
      }
      return mixed.next;
    }
    let next = branch.fixed.get(text);
    if (!next) branch.fixed.set(text, (next = new Branch()));
    return next;
  }

  private findExactly(method: string, path: string): Match<Route> | undefined {
    const root = this.roots.get(method);
    if (!root) return undefined;
    const segments = path.slice(1).split('/');
    // Express takes `/a/` for `/a`; Fastify doesn't, unless told to.
    const isLoose = this.framework === 'express' && segments.length > 1;
    if (isLoose && segments.at(-1) === '') segments.pop();
    const values: string[] = [];
    const target = this.follow(root, segments, 0, values);
    if (!target) return undefined;
    const { route, names } = target;
    return { route, params: () => paramsOf(names, values) };
  }

  /** Follows the segments from `at`; `values` holds those of the parameters on the way. */
  private follow(
    branch: Branch<Route>,
    segments: readonly string[],
    at: number,
    values: string[],
  ): Target<Route> | undefined {
    if (at === segments.length) {
      return (
        targetOf(branch, values) ??
        (branch.wildcard && targetOf(branch.wildcard, values))
      );
    }
    const segment = segments[at];
    const fixed = branch.fixed.get(this.folded(segment));
    const found = fixed && this.follow(fixed, segments, at + 1, values);
    if (found) return found;
    const depth = values.length;
    for (const { pattern, next } of branch.mixed.values()) {
      const match = pattern.exec(segment);
      if (!match) continue;
      values.push(...match.slice(1));
      const target = this.follow(next, segments, at + 1, values);
      if (target) return target;
      values.length = depth;
    }
    if (branch.param && segment !== '') {
      values.push(segment);
      const target = this.follow(branch.param, segments, at + 1, values);
      if (target) return target;
      values.length = depth;
    }
    return branch.wildcard && this.over(branch.wildcard, segments, at, values);
  }

  /** A wildcard takes one segment or more, as few as lead on. */
  private over(
    wildcard: Branch<Route>,
    segments: readonly string[],
    at: number,
    values: string[],
  ): Target<Route> | undefined {
    const isLast =
      wildcard.fixed.size + wildcard.mixed.size === 0 && !wildcard.param;
    if (isLast) return targetOf(wildcard, values);
    for (let next = at + 1; next < segments.length; next++) {
      const target = this.follow(wildcard, segments, next, values);
      if (target) return target;
    }
    return targetOf(wildcard, values);
  }

  /** Express doesn't mind the case of letters. */
  private folded(text: string): string {
    return this.framework === 'express' ? text.toLowerCase() : text;
  }
}

function hasRules({ rules }: Target<unknown>): boolean {
  return rules.some(Boolean);
}

/** The route of a path whose parameters match its rules. */
function targetOf<Route>(
  { targets }: Branch<Route>,
  values: readonly string[],
): Target<Route> | undefined {
  return targets.find(({ rules }) =>
    rules.every((rule, i) => rule?.test(values[i] ?? '') ?? true),
  );
}

/** Each path that a path with optional parts, such as `/users{/:id}`, stands for. */
function withoutOptionals(path: string): string[] {
  const optional = /\{(\/[^{}]*|[^{}]*[:*][^{}]*\/?)\}/.exec(path);
  // `{*rest}` alone is how a wildcard is written.
  if (!optional || /^\*\w*$/.test(optional[1])) return [path];
  const before = path.slice(0, optional.index);
  const after = path.slice(optional.index + optional[0].length);
  return [
    ...withoutOptionals(before + optional[1] + after),
    ...withoutOptionals(before + after || '/'),
  ];
}

/** A segment of text and parameters. */
function segmentPattern(segment: string): RegExp {
  const source = segment
    .replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(':', '([^/]+?)')
    .replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 'i');
}

function paramsOf(
  names: readonly string[],
  values: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    names.map((name, i) => [name, decoded(values[i] ?? '')]),
  );
}

/** Frameworks decode parameters, and leave alone what cannot be. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
