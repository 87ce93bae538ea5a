import type { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { durationText } from '../../config/format/limits.js';
import { fieldOf, Section, sectionOf } from '../enforced/go-value.js';
import { Place, shown } from '../krakend-finding.js';
import { protectionsIn } from '../sections/known-sections.js';
import { refuses } from '../sections/unimported-sections.js';
import { Fields, timeoutText } from './fields.js';
import { FileContext } from './file-context.js';
import { BackendOptions } from './imported-backends.js';

type ServerOptions = NonNullable<ThrottleOptions['server']>;

const SERVER_FIELDS: readonly [field: string, option: keyof ServerOptions][] = [
  ['read_timeout', 'readTimeout'],
  ['read_header_timeout', 'readHeaderTimeout'],
  ['write_timeout', 'writeTimeout'],
  ['idle_timeout', 'idleTimeout'],
];

/** The server timeouts that the file sets; Node's defaults apply to the others. */
export function serverOptions(root: Fields): ServerOptions | undefined {
  const options: ServerOptions = {};
  for (const [field, option] of SERVER_FIELDS) {
    const ns = root.durationNs(field);
    if (ns !== undefined && ns > 0n) options[option] = durationText(ns);
  }
  return Object.keys(options).length > 0 ? options : undefined;
}

/** Reports server timeouts on an endpoint: KrakenD documents them there, but its code doesn't read them. */
export function reportServerFields(endpoint: Fields): void {
  for (const [field] of SERVER_FIELDS) {
    if (endpoint.value(field) === undefined) continue;
    endpoint.place.at(field).report('timeout-without-effect', {
      written: `${field} in an endpoint`,
      enforced: 'Nothing: an endpoint has timeout only.',
      fix: `Write ${field} at the root of the file.`,
    });
  }
}

/** Connection settings, which apply to every backend. */
export function poolOptions(root: Fields): Partial<BackendOptions> {
  const connectNs = root.durationNs('dialer_timeout') ?? 0n;
  const headersNs = root.durationNs('response_header_timeout') ?? 0n;
  const idleNs = root.durationNs('idle_connection_timeout') ?? 0n;
  const perHost = countIn(root, 'max_idle_connections_per_host');
  const inAll = countIn(root, 'max_idle_connections');
  const keepAlive = !root.flag('disable_keep_alives') && perHost >= 0;
  return {
    ...(keepAlive ? {} : { keepAlive }),
    ...(perHost > 0 ? { maxIdleConnectionsPerHost: perHost } : {}),
    ...(inAll > 0 ? { maxIdleConnections: inAll } : {}),
    ...(connectNs > 0n ? { connectTimeout: timeoutText(connectNs) } : {}),
    ...(headersNs > 0n
      ? { responseHeaderTimeout: timeoutText(headersNs) }
      : {}),
    ...(idleNs > 0n ? { idleConnectionTimeout: durationText(idleNs) } : {}),
  };
}

function countIn(root: Fields, field: string): number {
  const bound = Number.MAX_SAFE_INTEGER;
  return Math.min(bound, Math.max(-bound, root.int(field)));
}

interface Setting {
  readonly field: string;
  /** What KrakenD does with the setting. */
  readonly does: string;
  /** Where to configure the same in a Node application. */
  readonly instead: string;
}

/** Root settings that a Node application configures elsewhere, or doesn't have. */
const SETTINGS: readonly Setting[] = [
  {
    field: 'max_header_bytes',
    does: 'Larger headers of a request are answered 431; the default is 1 MiB, that of Node 16 KiB.',
    instead:
      'Start Node with --max-http-header-size, or give maxHeaderSize to the HTTP server.',
  },
  {
    field: 'dialer_keep_alive',
    does: 'How often KrakenD probes an open TCP connection; 15s by default.',
    instead:
      'Nothing: a call to a backend that is gone ends at its deadline; idle connections end by idleConnectionTimeout.',
  },
  {
    field: 'dialer_fallback_delay',
    does: 'How long KrakenD waits for one address family before it tries the other.',
    instead: 'Start Node with --network-family-autoselection-attempt-timeout.',
  },
  {
    field: 'dns_cache_ttl',
    does: 'How long KrakenD caches the answers of DNS service discovery (sd: "dns").',
    instead:
      'Give lookup to the backend, a function that remembers its answers.',
  },
  {
    field: 'expect_continue_timeout',
    does: 'How long KrakenD waits before it sends a body with Expect: 100-continue.',
    instead: 'Nothing: the deadline of the call holds.',
  },
  {
    field: 'max_shutdown_wait_time',
    does: 'How long KrakenD waits for open requests when it shuts down.',
    instead: 'Bound the wait where you call app.close().',
  },
  {
    field: 'client_tls',
    does: 'TLS settings for calls to backends.',
    instead: 'Write tls on the backends.',
  },
];

/** Reports root settings that have no matching option, and those that refuse requests. */
export function reportSettings(
  { root, unimported }: FileContext,
  routerOptions: Section,
  routerPlace: Place,
): void {
  for (const { field, does, instead } of SETTINGS) {
    const value = root.value(field);
    if (value === undefined) continue;
    root.place.at(field).report('setting-not-imported', {
      written: `${field}: ${shown(value)}`,
      enforced: `${does} It is not imported.`,
      fix: instead,
    });
  }
  const tls = sectionOf(root.value('tls')) ?? {};
  if (new Fields(tls, root.place.at('tls')).flag('enable_mtls')) {
    unimported.add(
      'enable_mtls: true',
      refuses(
        'Connections without a client certificate are refused.',
        'Start the HTTPS server with requestCert and rejectUnauthorized, or let your proxy ask for certificates.',
      ),
      root.place.at('tls').at('enable_mtls'),
    );
  }
  reportPayload(routerOptions, unimported, routerPlace);
}

/** Reports a size limit for bodies, on the service or an endpoint. */
export function reportPayload(
  section: Section,
  unimported: FileContext['unimported'],
  place: Place,
): void {
  const bytes = fieldOf(section, 'max_payload');
  if (bytes === undefined || bytes === null || Number(bytes) === 0) return;
  unimported.add(
    `max_payload: ${shown(bytes)}`,
    refuses(
      'Enterprise refuses larger bodies.',
      'Set bodyLimit on the Fastify adapter, or limit on the body parser of Express.',
    ),
    place.at('max_payload'),
  );
}

/** Reports async agents, which feed backends from a queue: the application has no equivalent. */
export function reportAgents({ root }: FileContext): void {
  root.list('async_agent').forEach((item, i) => {
    const place = root.place.at('async_agent').at(i);
    const agent = new Fields(sectionOf(item) ?? {}, place);
    const consumer = sectionOf(agent.value('consumer')) ?? {};
    const bounds = ['max_rate', 'workers', 'timeout']
      .filter((field) => Object.hasOwn(consumer, field))
      .map((field) => `${field}: ${shown(consumer[field])}`);
    const protections = protectionsIn(item).map((name) => JSON.stringify(name));
    const parts = [...bounds, ...protections].join(', ');
    place.report('agent-not-imported', {
      written: `the agent ${shown(agent.value('name') ?? i)}${parts && ` with ${parts}`}`,
      enforced:
        'KrakenD takes messages from a queue within these bounds and calls backends with them. The agent and its protection are not imported.',
      fix: 'Consume the queue in a microservice handler, and protect its calls with @ProxyRateLimit.',
    });
  });
}
