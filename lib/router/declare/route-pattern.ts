/** A path whose parameters may have any names. */
export interface RoutePattern {
  /** The path with each parameter as `:` and each wildcard as `*`. */
  readonly shape: string;
  /** The names of its parameters, in order. */
  readonly params: readonly string[];
  /** The expression that each parameter must match, such as `^\d+$`; nothing where there is none. */
  readonly rules: readonly (string | undefined)[];
}

/** `{*rest}`, `*rest`, `*`; `{id}`; `:id` with or without a pattern. */
const VARIABLE =
  /\{\*\w*\}|\*\w*|\{(?<braces>[^{}/:*]+)\}|:(?<colon>\w+)(?:\((?<rule>(?:[^()]|\([^()]*\))*)\))?/g;

/** Parses a path in the notation of KrakenD, Express or Fastify. */
export function routePattern(path: string): RoutePattern {
  const params: string[] = [];
  const rules: (string | undefined)[] = [];
  const shape = path.replace(VARIABLE, (...match) => {
    const { braces, colon, rule } = match.at(-1) as Record<string, string>;
    const name = braces ?? colon;
    if (name === undefined) return '*';
    params.push(name);
    rules.push(rule);
    return ':';
  });
  return { shape: shape.replace(/(?<=.)\/+$/, ''), params, rules };
}
