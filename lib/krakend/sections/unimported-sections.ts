import { Section } from '../enforced/go-value.js';

/** The levels of a file that can have an `extra_config`. */
export type ConfigLevel = 'service' | 'endpoint' | 'backend';

/** What a finding says about a section without a matching option. */
export interface Unimported {
  readonly code:
    | 'protection-not-imported'
    | 'code-not-imported'
    | 'setting-not-imported'
    | 'limit-not-imported';
  /** What KrakenD does with the section. */
  readonly does: string;
  /** What to do instead. */
  readonly instead: string;
}

export type Scopes = readonly ConfigLevel[];
const ALL: Scopes = ['service', 'endpoint', 'backend'];
export const SERVICE: Scopes = ['service'];
export const ENDPOINT: Scopes = ['endpoint'];
export const BACKEND: Scopes = ['backend'];
export const OUTER: Scopes = ['service', 'endpoint'];
export const INNER: Scopes = ['endpoint', 'backend'];

export const OLD = 'github.com/devopsfaith/krakend';
/** Old names at service level have an underscore, because a dot would split them. */
export const OLD_ROOT = 'github_com/devopsfaith/krakend';

export const refuses = (does: string, instead: string): Unimported => ({
  code: 'protection-not-imported',
  does,
  instead,
});
export const setting = (does: string, instead: string): Unimported => ({
  code: 'setting-not-imported',
  does,
  instead,
});
const script = (does: string): Unimported => ({
  code: 'code-not-imported',
  does,
  instead: 'Check whether it refuses requests; if it does, write a guard.',
});

const TOKENS = refuses(
  'Requests without a valid token get 401 or 403.',
  'Check tokens in a guard, such as one of @nestjs/passport.',
);
const SIGNS = setting(
  'KrakenD adds credentials to the calls of this backend.',
  'Add them in an interceptor of the backend.',
);
const CHECKS_BODY = refuses(
  'A body that does not fit the schema is refused.',
  'Validate bodies with a pipe, such as ValidationPipe.',
);
const LUA = script('A script runs for each request and can refuse it.');

/** Sections without a matching option, by name. */
export const UNIMPORTED: readonly [
  name: string,
  scopes: Scopes,
  oldName: string | undefined,
  what: Unimported | ((section: Section, scope: ConfigLevel) => Unimported),
][] = [
  [
    'auth/validator',
    OUTER,
    `${OLD}-jose/validator`,
    (_, scope) =>
      scope === 'service'
        ? setting(
            'It keeps the keys that sign tokens in a cache.',
            'Cache them where you check tokens.',
          )
        : TOKENS,
  ],
  [
    'auth/signer',
    ENDPOINT,
    `${OLD}-jose/signer`,
    setting(
      'KrakenD signs tokens that the backend issues.',
      'Sign them in the handler.',
    ),
  ],
  [
    'auth/api-keys',
    OUTER,
    undefined,
    refuses(
      'Requests without an API key of the right role get 401, and 429 above the client_max_rate of an endpoint.',
      'Check keys in a guard, and limit each with clientMaxRate and strategy "header".',
    ),
  ],
  [
    'auth/basic',
    OUTER,
    undefined,
    refuses(
      'Requests without a valid user and password get 401.',
      'Check them in a guard.',
    ),
  ],
  [
    'auth/revoker',
    SERVICE,
    'github_com/devopsfaith/bloomfilter',
    refuses(
      'Requests with a revoked token get 401.',
      'Check for revoked tokens in a guard.',
    ),
  ],
  [
    'auth/client-credentials',
    BACKEND,
    `${OLD}-oauth2-clientcredentials`,
    SIGNS,
  ],
  ['auth/aws-sigv4', BACKEND, undefined, SIGNS],
  ['auth/gcp', BACKEND, undefined, SIGNS],
  ['auth/ntlm', BACKEND, undefined, SIGNS],
  [
    'security/bot-detector',
    OUTER,
    `${OLD_ROOT}-botdetector`,
    refuses(
      'Requests of bots, by their User-Agent, get 403.',
      'Refuse them in a guard or in your proxy.',
    ),
  ],
  [
    'security/policies',
    INNER,
    undefined,
    refuses(
      'Requests and answers that break a policy are refused.',
      'Write the policies as guards.',
    ),
  ],
  [
    'security/cors',
    OUTER,
    `${OLD_ROOT}-cors`,
    setting(
      'Browsers may call from the origins that it names.',
      'Call app.enableCors with the same.',
    ),
  ],
  [
    'security/http',
    OUTER,
    `${OLD_ROOT}-httpsecure`,
    (section) =>
      isSomething(section.allowed_hosts) || section.ssl_redirect === true
        ? refuses(
            'Requests to other hosts, or without TLS, are turned away.',
            'Check the Host header in a middleware; let your proxy redirect to TLS.',
          )
        : setting(
            'It sets headers that protect browsers.',
            'Set them with helmet.',
          ),
  ],
  [
    'validation/cel',
    INNER,
    `${OLD}-cel`,
    refuses(
      'Requests and answers for which an expression is false are refused.',
      'Write the expressions as guards.',
    ),
  ],
  ['validation/json-schema', ENDPOINT, `${OLD}-jsonschema`, CHECKS_BODY],
  ['validation/response-json-schema', INNER, undefined, CHECKS_BODY],
  [
    'governance/quota',
    ALL,
    undefined,
    refuses(
      'A client whose quota is used gets 429 until the hour, day or month is over.',
      'Write a limit with a long window, such as maxRate: 1000, capacity: 1000, every: "24h", and configure the Redis store.',
    ),
  ],
  [
    'governance/processors',
    SERVICE,
    undefined,
    setting(
      'It defines the quotas that governance/quota puts in force.',
      'Write each quota as a limit.',
    ),
  ],
  [
    'websocket',
    ENDPOINT,
    undefined,
    refuses(
      'Messages above max_message_size end the connection, and buffers bound what waits.',
      'Set maxPayload on the WebSocket adapter, and limit messages with @RouterRateLimit on the gateway.',
    ),
  ],
  ['modifier/lua-endpoint', OUTER, `${OLD}-lua/router`, LUA],
  ['modifier/lua-proxy', ENDPOINT, `${OLD}-lua/proxy`, LUA],
  ['modifier/lua-backend', BACKEND, `${OLD}-lua/proxy/backend`, LUA],
  [
    'qos/http-cache',
    BACKEND,
    `${OLD}-httpcache`,
    setting(
      'KrakenD answers from a cache as long as Cache-Control of the backend allows; such calls still use up the limit.',
      'Cache in the handler, with @nestjs/cache-manager.',
    ),
  ],
  [
    'backend/http/client',
    BACKEND,
    undefined,
    setting(
      'It sets redirects, the proxy or TLS of the calls to this backend.',
      'Set maxRedirects, tls or an agent on the backend.',
    ),
  ],
  [
    'backend/conditional',
    BACKEND,
    undefined,
    setting(
      'The backend is called only where its condition holds.',
      'Decide in the handler.',
    ),
  ],
  [
    'redis',
    SERVICE,
    undefined,
    setting(
      'It names the Redis servers of limits and quotas.',
      'Configure the Redis store.',
    ),
  ],
  [
    'server/static-filesystem',
    SERVICE,
    undefined,
    setting('KrakenD serves files.', 'Use @nestjs/serve-static.'),
  ],
  [
    'server/virtualhost',
    SERVICE,
    undefined,
    setting('Endpoints belong to hosts.', 'Write host in @Controller.'),
  ],
  [
    'grpc',
    SERVICE,
    undefined,
    setting(
      'KrakenD serves gRPC as well.',
      'Add a gRPC microservice to the application.',
    ),
  ],
  [
    'ai/mcp',
    OUTER,
    undefined,
    setting('KrakenD serves MCP.', 'Serve it from the application.'),
  ],
  [
    'ai/llm',
    BACKEND,
    undefined,
    setting(
      'KrakenD translates calls for a language model.',
      'Translate them in the handler.',
    ),
  ],
];

function isSomething(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}
