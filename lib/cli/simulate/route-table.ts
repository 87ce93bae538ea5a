/** A route with the values of its parameters. */
export interface Found<Route> {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Entry<Route> {
  readonly segments: readonly string[];
  readonly route: Route;
}

const PARAM = /^(?:\{([^{}]+)\}|:(\w+).*)$/;

/** Finds the route of a method and path; the first that is written wins. */
export class RouteTable<Route> {
  private readonly entries = new Map<string, Entry<Route>[]>();

  constructor(routes: Iterable<readonly [key: string, route: Route]>) {
    for (const [key, route] of routes) {
      const [method, path] = key.split(' ');
      const segments = path.split('/');
      const at = `${method} ${segments.length}`;
      const entry = { segments, route };
      this.entries.set(at, [...(this.entries.get(at) ?? []), entry]);
    }
  }

  /** A handler for GET answers HEAD too, unless there is one for that. */
  find(method: string, path: string): Found<Route> | undefined {
    const found = this.findExactly(method, path);
    return method === 'HEAD' ? (found ?? this.findExactly('GET', path)) : found;
  }

  private findExactly(method: string, path: string): Found<Route> | undefined {
    const parts = path.split('/');
    for (const entry of this.entries.get(`${method} ${parts.length}`) ?? []) {
      const params = matched(entry.segments, parts);
      if (params) return { route: entry.route, params };
    }
    return undefined;
  }
}

function matched(
  segments: readonly string[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = Object.create(null) as never;
  for (let i = 0; i < segments.length; i++) {
    if (segments[i] === parts[i] || segments[i] === '*') continue;
    const param = PARAM.exec(segments[i]);
    if (!param || parts[i] === '') return undefined;
    params[param[1] ?? param[2]] = parts[i];
  }
  return params;
}
