import { Section, sectionOf } from '../enforced/go-value.js';
import {
  BACKEND,
  ENDPOINT,
  INNER,
  OLD,
  OLD_ROOT,
  OUTER,
  ConfigLevel,
  Scopes,
  SERVICE,
  Unimported,
  UNIMPORTED,
} from './unimported-sections.js';

/** A section that KrakenD knows. */
export interface KnownSection {
  readonly scopes: readonly ConfigLevel[];
  /** The file versions in which this name works. */
  readonly versions: readonly (2 | 3)[];
  /** Describes why the section isn't imported; `undefined` if it is imported, or has nothing to do with protection. */
  unimported?(section: Section, scope: ConfigLevel): Unimported | undefined;
}

const V3 = [3] as const;
const V2 = [2] as const;
const BOTH = [2, 3] as const;

/** All sections by which KrakenD limits, refuses or selects requests, by name. */
export const KNOWN_SECTIONS: ReadonlyMap<string, KnownSection> = new Map([
  ...imported(`${OLD}-ratelimit/juju/router`, ENDPOINT, V2),
  ...imported(`${OLD}-ratelimit/juju/proxy`, BACKEND, V2),
  ...imported(`${OLD}-circuitbreaker/gobreaker`, BACKEND, BOTH),
  ...imported('qos/ratelimit/router', ENDPOINT, V3),
  ...imported('qos/ratelimit/router/redis', ENDPOINT, V3),
  ...imported('qos/ratelimit/proxy', BACKEND, V3),
  ...imported('qos/circuit-breaker', BACKEND, V3),
  ...imported('qos/circuit-breaker/http', BACKEND, V3),
  ...imported('qos/ratelimit/service', SERVICE, V3),
  ...imported('qos/ratelimit/service/redis', SERVICE, V3),
  ...imported('qos/ratelimit/tiered', OUTER, V3),
  ...imported('router', SERVICE, V3),
  ...imported('github_com/luraproject/lura/router/gin', SERVICE, BOTH),
  ...imported(`${OLD_ROOT}/router/gin`, SERVICE, V2),
  ...imported('proxy', INNER, V3),
  ...imported(`${OLD}/proxy`, INNER, BOTH),
  ...imported('backend/http', BACKEND, V3),
  ...imported(`${OLD}/http`, BACKEND, BOTH),
  ...imported('plugin/http-server', SERVICE, V3),
  ...imported(`${OLD_ROOT}/transport/http/server/handler`, SERVICE, BOTH),
  ...imported('plugin/http-client', BACKEND, V3),
  ...imported(`${OLD}/transport/http/client/executor`, BACKEND, BOTH),
  ...imported('plugin/req-resp-modifier', INNER, V3),
  ...imported(`${OLD}/proxy/plugin`, INNER, BOTH),
  ...imported('plugin/middleware', INNER, V3),
  ...UNIMPORTED.flatMap(([name, scopes, oldName, what]) => {
    const unimported = typeof what === 'function' ? what : () => what;
    return [
      [name, { scopes, versions: V3, unimported }] as const,
      ...(oldName
        ? [[oldName, { scopes, versions: BOTH, unimported }] as const]
        : []),
    ];
  }),
]);

function imported(
  name: string,
  scopes: Scopes,
  versions: readonly (2 | 3)[],
): [[string, KnownSection]] {
  return [[name, { scopes, versions }]];
}

/** Finds a section under any of its names in this file version; the first match wins. */
export function sectionNamed(
  names: readonly string[],
  extra: Section,
  version: 2 | 3,
): string | undefined {
  return names.find(
    (name) =>
      Object.hasOwn(extra, name) &&
      KNOWN_SECTIONS.get(name)?.versions.includes(version),
  );
}

/** The section of a backend or endpoint that configures how calls are made. */
export const PROXY_NAMES = ['proxy', `${OLD}/proxy`];
export const HTTP_NAMES = ['backend/http', `${OLD}/http`];
export const BREAKER_NAMES = [
  'qos/circuit-breaker',
  `${OLD}-circuitbreaker/gobreaker`,
];
export const HTTP_BREAKER = 'qos/circuit-breaker/http';
export const ROUTER_OPTIONS_NAMES = [
  'router',
  'github_com/luraproject/lura/router/gin',
  `${OLD_ROOT}/router/gin`,
];

/** Sections of backends that use another transport than HTTP. */
const NOT_HTTP = new Map([
  ['backend/amqp/consumer', 'AMQP'],
  ['backend/amqp/producer', 'AMQP'],
  [`${OLD}-amqp/consume`, 'AMQP'],
  [`${OLD}-amqp/produce`, 'AMQP'],
  ['backend/grpc', 'gRPC'],
  ['backend/lambda', 'AWS Lambda'],
  [`${OLD}-lambda`, 'AWS Lambda'],
  ['backend/pubsub/publisher', 'a message queue'],
  ['backend/pubsub/subscriber', 'a message queue'],
  ['backend/pubsub/publisher/kafka', 'Kafka'],
  ['backend/pubsub/subscriber/kafka', 'Kafka'],
  [`${OLD}-pubsub/publisher`, 'a message queue'],
  [`${OLD}-pubsub/subscriber`, 'a message queue'],
  ['backend/static-filesystem', 'files'],
  ['workflow', 'a workflow of further backends'],
]);

/** The transport of a backend, if it isn't HTTP. */
export function otherTransport(extra: Section): string | undefined {
  const name = Object.keys(extra).find((name) => NOT_HTTP.has(name));
  return name && NOT_HTTP.get(name);
}

/** The names of all sections inside a value, at any depth, that limit, break or refuse. */
export function protectionsIn(value: unknown): string[] {
  const names = new Set<string>();
  const seen = new Set<unknown>();
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    for (const [key, item] of Object.entries(next)) {
      if (protects(key, item)) names.add(key);
      rest.push(item);
    }
  }
  return [...names].toSorted();
}

function protects(name: string, value: unknown): boolean {
  if (/\/.*(ratelimit|circuit-?breaker)/.test(name)) return true;
  const what = KNOWN_SECTIONS.get(name)?.unimported?.(
    sectionOf(value) ?? {},
    'backend',
  );
  return what?.code === 'protection-not-imported';
}
