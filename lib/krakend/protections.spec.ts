import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ThrottleConfigError } from '../config/fault.js';
import { fromKrakend, KrakendFinding } from './index.js';
import { KNOWN_SECTIONS } from './sections/known-sections.js';

const ROUTER = 'qos/ratelimit/router';
const PROXY = 'qos/ratelimit/proxy';
const BREAKER = 'qos/circuit-breaker';
const limited = { [PROXY]: { max_rate: 5, capacity: 5 } };
const guarded = { [BREAKER]: { interval: 60, timeout: 10, max_errors: 3 } };
const byAddress = {
  [ROUTER]: { client_max_rate: 5, client_capacity: 5, strategy: 'ip' },
};

/** A file with one endpoint, `GET /a`. */
const file = (endpoint: object, root: object = {}): object => ({
  version: 3,
  host: ['http://up:8080'],
  endpoints: [{ endpoint: '/a', backend: [{}], ...endpoint }],
  ...root,
});
const imported = (endpoint: object, root?: object) =>
  fromKrakend(file(endpoint, root));
const backends = (...extras: object[]) =>
  extras.map((extra_config, i) => ({ host: [`http://b${i}`], extra_config }));
const codes = ({ findings }: { findings: readonly KrakendFinding[] }) =>
  findings.map(({ code }) => code);

describe('a shadow backend', () => {
  const shadow = (timeout?: unknown) => ({
    proxy: {
      shadow: true,
      ...(timeout === undefined ? {} : { shadow_timeout: timeout }),
    },
    ...limited,
  });

  it('has its own time and takes none from the others', () => {
    const { options, ...rest } = imported({
      timeout: '1s',
      backend: backends({}, shadow('100ms')),
    });
    expect(codes(rest)).toEqual(['shadow-backend']);
    expect(options.backends).toMatchObject({
      b0: { timeout: '1s' },
      'GET:a:b1': { timeout: '100ms', rateLimit: { maxRate: 5 } },
    });
  });

  it.each([
    [undefined, '1s', ['shadow-backend']],
    ['soon', '1s', ['timeout-without-effect', 'shadow-backend']],
    [100, '1s', ['timeout-without-effect', 'shadow-backend']],
    ['5s', '5s', ['shadow-backend']],
  ])('with a shadow_timeout of %s has %s', (written, timeout, found) => {
    const result = imported({
      timeout: '1s',
      backend: backends({}, shadow(written)),
    });
    expect(result.options.backends!['GET:a:b1'].timeout).toBe(timeout);
    expect(codes(result)).toEqual(found);
  });

  it('shares the time of the endpoint with other shadows, and gets the longer of both', () => {
    const { options } = imported({
      timeout: '1s',
      backend: backends({}, shadow('100ms'), shadow('900ms')),
    });
    expect(options.backends!['GET:a:b1'].timeout).toBe('850ms');
    expect(options.backends!['GET:a:b2'].timeout).toBe('850ms');
  });

  it('is an ordinary backend when shadow is not true', () => {
    const result = imported({
      backend: backends({}, { proxy: { shadow: 'true' } }),
    });
    expect(codes(result)).toEqual(['timeout-shared']);
  });

  it('is also recognised under the old key, in files of both versions', () => {
    const extra = { 'github.com/devopsfaith/krakend/proxy': { shadow: true } };
    for (const version of [2, 3]) {
      const result = imported({ backend: backends({}, extra) }, { version });
      expect(codes(result)).toEqual(['shadow-backend']);
    }
  });
});

describe('an imported breaker', () => {
  const isFailure = (extra: object, endpoint: object = {}, version = 3) => {
    const name = 'github.com/devopsfaith/krakend-circuitbreaker/gobreaker';
    const breaker = version === 3 ? guarded : { [name]: { maxErrors: 3 } };
    const { options } = imported(
      { backend: backends({ ...breaker, ...extra }), ...endpoint },
      { version },
    );
    return options.backends!['GET:a:b0'].circuitBreaker?.isFailure?.name;
  };
  const OLD = 'github.com/devopsfaith/krakend/http';
  const SEES = 'statusOtherThan(200, 201)';

  it.each([
    ['noAnswer', 'backend/http', { return_error_details: 'up' }, 3],
    [SEES, 'backend/http', { return_error_details: '' }, 3],
    [SEES, 'backend/http', { return_error_details: false }, 3],
    [SEES, 'backend/http', { return_error_details: true }, 3],
    [SEES, 'backend/http', { return_error_code: true }, 3],
    ['noAnswer', OLD, { return_error_details: 'up' }, 3],
    ['noAnswer', OLD, { return_error_details: 'up' }, 2],
    [SEES, 'backend/http', { return_error_details: 'up' }, 2],
    [SEES, 'backend/http', 'up', 3],
  ])(
    'counts by %s under %s: %j in version %d',
    (name, section, http, version) => {
      expect(isFailure({ [section]: http }, {}, version)).toBe(name);
    },
  );

  it('sees no status under no-op of the endpoint, the file or the backend', () => {
    const noOp = { output_encoding: 'no-op' };
    expect(isFailure({}, noOp)).toBe('noAnswer');
    const ofFile = imported({ backend: backends(guarded) }, noOp);
    const ofBackend = imported({
      backend: [{ encoding: 'no-op', extra_config: guarded }],
    });
    for (const { options } of [ofFile, ofBackend]) {
      const [{ circuitBreaker }] = Object.values(options.backends!);
      expect(circuitBreaker?.isFailure?.name).toBe('noAnswer');
    }
    expect(isFailure({}, { output_encoding: 'NO-OP' })).toBe(SEES);
  });

  it('is reported when it is one of two', () => {
    const { findings } = imported({
      backend: backends({ ...guarded, 'qos/circuit-breaker/http': {} }),
    });
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: 'protection-not-imported',
        path: 'endpoints[0].backend[0].extra_config["qos/circuit-breaker/http"]',
      }),
    );
  });
});

describe('sequential backends', () => {
  const refusals = (proxy: object, ...extras: object[]) =>
    codes(imported({ extra_config: { proxy }, backend: backends(...extras) }))
      .filter((code) => /^(partial|sequential)/.test(code))
      .toSorted();

  it.each([
    [{ sequential: true }, [limited, {}], ['sequential-refusal']],
    [{ sequential: true }, [{}, limited], ['partial-answers']],
    [
      { sequential: true },
      [limited, guarded],
      ['partial-answers', 'sequential-refusal'],
    ],
    [{ strategy: 'sequential' }, [limited, {}], ['sequential-refusal']],
    [
      { strategy: 'other', sequential: true },
      [limited, {}],
      ['partial-answers'],
    ],
    [{ sequential: 'true' }, [limited, {}], ['partial-answers']],
    [{}, [limited, {}], ['partial-answers']],
    [{ sequential: true }, [limited], []],
  ])('fail or give a partial answer under %j', (proxy, extras, found) => {
    expect(refusals(proxy, ...extras)).toEqual(found);
  });
});

describe('a backend that cannot be imported', () => {
  it.each([
    ['without a host', { host: [] }, {}],
    ['over AMQP', { host: ['amqp://queue'] }, {}],
    ['over Lambda', {}, { 'backend/lambda': { function_name: 'f' } }],
    ['over gRPC', { host: ['up:4242'] }, { 'backend/grpc': {} }],
    ['over a queue', {}, { 'backend/pubsub/publisher': {} }],
    [
      'over AMQP, by its old name',
      {},
      { 'github.com/devopsfaith/krakend-amqp/produce': {} },
    ],
  ])(
    'is an error with a limit and a warning without one: %s',
    (_, backend, extra) => {
      const withLimit = imported(
        {
          backend: [
            { ...backend, extra_config: { ...extra, ...limited, ...guarded } },
          ],
        },
        { host: [] },
      );
      expect(codes(withLimit)).toEqual(['protected-backend-not-imported']);
      const [{ severity, enforced, written }] = withLimit.findings;
      expect(severity).toBe('error');
      expect(enforced).not.toMatch(/[^t] is imported|is imported/);
      expect(written).toContain(PROXY);
      expect(withLimit.options.backends).toEqual({});
      const without = imported(
        { backend: [{ ...backend, extra_config: extra }] },
        { host: [] },
      );
      expect(codes(without)).toEqual(['backend-not-imported']);
    },
  );

  it('may be a workflow with limits on its inner backends', () => {
    const workflow = { endpoint: '/w', backend: backends(limited) };
    const result = imported({ backend: backends({ workflow }) });
    expect(codes(result)).toEqual(['protected-backend-not-imported']);
  });
});

describe('a client address that KrakenD trusts', () => {
  const forged = (router: unknown, extra: object = byAddress) =>
    codes(
      imported({ extra_config: extra }, { extra_config: { router } }),
    ).includes('address-can-be-forged');

  it.each([
    [true, {}],
    [true, { trusted_proxies: [] }],
    [true, { trusted_proxies: ['0.0.0.0/0'] }],
    [true, { trusted_proxies: ['10.0.0.0/8', '::/0'] }],
    [true, { forwarded_by_client_ip: true }],
    [true, { forwarded_by_client_ip: false, app_engine: true }],
    [true, { trusted_proxies: '10.0.0.0/8' }],
    [true, { trusted_proxies: ['10.0.0.0/8'], app_engine: 'no' }],
    [true, { remote_ip_headers: ['X-Real-Ip'] }],
    [false, { trusted_proxies: ['10.0.0.0/8'] }],
    [false, { TRUSTED_PROXIES: ['10.0.0.0/8'] }],
    [false, { forwarded_by_client_ip: false }],
    [
      false,
      { trusted_proxies: ['10.1.2.3'], remote_ip_headers: ['X-Real-Ip'] },
    ],
  ])('makes forging possible (%s) under %j', (canForge, router) => {
    expect(forged(router)).toBe(canForge);
  });

  it('comes from any caller when a key names its header', () => {
    const keyed = { [ROUTER]: { ...byAddress[ROUTER], key: 'X-Real-Ip' } };
    expect(forged({ trusted_proxies: ['10.0.0.0/8'] }, keyed)).toBe(true);
  });
});

describe('a loosely decoded file', () => {
  it.each([
    [{ concurrent_calls: '3' }, '1500ms'],
    [{ concurrent_calls: '0x2' }, '1500ms'],
    [{ concurrent_calls: 2.9 }, '1500ms'],
    [{ concurrent_calls: true }, '2s'],
    [{ concurrent_calls: '' }, '2s'],
    [{ Concurrent_Calls: 3 }, '1500ms'],
    [{ timeout: '4s', TIMEOUT: '9s' }, '4s'],
  ])('gives backends the time of %j', (endpoint, timeout) => {
    const { options } = imported(endpoint);
    expect(
      options.backends!['up:8080']?.timeout ?? options.backends!.up.timeout,
    ).toBe(timeout);
  });

  it.each([
    ['3', 3],
    [3.7, 3],
    ['0x3', 3],
    ['2', 2],
  ])('has version %s', (version, meant) => {
    const name =
      meant === 3
        ? ROUTER
        : 'github.com/devopsfaith/krakend-ratelimit/juju/router';
    const section = meant === 3 ? { max_rate: 5, capacity: 5 } : { maxRate: 5 };
    const result = imported({ extra_config: { [name]: section } }, { version });
    expect(codes(result)).toEqual([]);
    expect(result.options.routes!['GET /a'].limits).toHaveLength(1);
  });

  it('may contain a single object instead of a list', () => {
    const { options } = fromKrakend({
      version: 3,
      endpoints: {
        endpoint: '/a',
        extra_config: [{ [ROUTER]: { max_rate: 5, capacity: 5 } }],
        backend: { host: 'up', extra_config: limited },
      },
    });
    expect(options.routes!['GET /a'].limits).toHaveLength(1);
    expect(options.backends!['GET:a:up'].rateLimit).toMatchObject({
      maxRate: 5,
    });
  });

  it('is decoded strictly inside sections, as KrakenD does', () => {
    const result = imported({ extra_config: { [ROUTER]: { max_rate: '5' } } });
    expect(codes(result)).toEqual(['number-as-text', 'limit-missing']);
  });

  it.each([
    [{ disable_keep_alives: 'true' }, { keepAlive: false }],
    [{ disable_keep_alives: 1 }, { keepAlive: false }],
    [{ max_idle_connections: '500' }, { maxIdleConnections: 500 }],
  ])('configures connections by %j', (root, options) => {
    expect(imported({}, root).options.backends!.up).toMatchObject(options);
  });
});

describe('a file for something other than KrakenD', () => {
  it.each([
    [{}, 'an empty object'],
    [
      { apiVersion: 'v1', kind: 'ConfigMap', endpoints: [] },
      'Kubernetes manifest',
    ],
    [{ version: '3', services: { web: {} } }, 'Docker Compose'],
    [{ routes: { 'GET /a': {} } }, 'options of ThrottleModule.forRoot'],
    [{ openapi: '3.1.0', paths: {} }, 'OpenAPI'],
    [{ endpoint: '/a', backend: [] }, 'part of a KrakenD configuration'],
    [{ version: 3, endpoints: null }, 'is the file cut?'],
    [{ version: 3 }, 'no endpoints'],
    [{ name: 'x', dependencies: {} }, 'package.json'],
    [{ one: 1, two: 2 }, 'an object with "one", "two"'],
    [[], 'a list'],
  ])('is rejected: %j looks like %s', (source, said) => {
    expect(() => fromKrakend(source)).toThrow(said);
    expect(() => fromKrakend(source)).toThrow(ThrottleConfigError);
  });
});

describe('a protection that is not imported', () => {
  it('is reported once per kind, with every place it occurs', () => {
    const { findings } = fromKrakend({
      version: 3,
      endpoints: ['/a', '/b', '/c'].map((endpoint) => ({
        endpoint,
        extra_config: { 'auth/validator': {} },
      })),
    });
    expect(findings).toEqual([
      expect.objectContaining({
        code: 'protection-not-imported',
        severity: 'error',
        subject: 'service',
        written:
          'a section "auth/validator" in 3 places: GET /a, GET /b, GET /c',
        places: [0, 1, 2].map(
          (i) => `endpoints[${i}].extra_config["auth/validator"]`,
        ),
      }),
    ]);
  });

  it.each([
    [{ tls: { enable_mtls: true } }, 'tls.enable_mtls'],
    [
      { extra_config: { router: { max_payload: 1024 } } },
      'extra_config.router.max_payload',
    ],
    [
      { extra_config: { 'plugin/http-server': { name: ['ip-filter'] } } },
      'extra_config["plugin/http-server"].name',
    ],
    [
      { async_agent: [{ name: 'a', backend: backends(limited) }] },
      'async_agent[0]',
    ],
    [{ async_agent: { name: 'a' } }, 'async_agent[0]'],
  ])('is an error at the root: %j', (root, path) => {
    const { findings } = imported({}, root);
    expect(findings).toEqual([
      expect.objectContaining({ severity: 'error', path }),
    ]);
  });

  it.each([
    [
      'qos/ratelimit/router/redis',
      { client_max_rate: 5, strategy: 'jwt', key: 'sub' },
    ],
    [
      'qos/ratelimit/tiered',
      {
        tier_key: 'X',
        tiers: [
          {
            tier_value: 'a',
            ratelimit_redis: { client_max_rate: 5, strategy: 'jwt' },
          },
        ],
      },
    ],
    [
      'qos/ratelimit/tiered',
      { tiers: [{ tier_value: 'a', ratelimit: { max_rate: 5 } }] },
    ],
  ])(
    'is reported when it is a client identified by its token, or a tier without a key: %s',
    (name, section) => {
      const found = codes(imported({ extra_config: { [name]: section } }));
      expect(found).toContain('limit-not-imported');
      expect(found).not.toContain('client-limit-dropped');
    },
  );

  it('is reported for tiers in Redis, which this library counts in the store', () => {
    const tiers = [
      { tier_value: 'a', ratelimit_redis: { max_rate: 5, capacity: 5 } },
    ];
    const result = imported({
      extra_config: { 'qos/ratelimit/tiered': { tier_key: 'X', tiers } },
    });
    expect(codes(result)).toContain('redis-in-memory');
  });
});

/** Sections that change how calls are made, and refuse none. */
const HARMLESS = new Set([
  'router',
  'proxy',
  'backend/http',
  'github.com/devopsfaith/krakend/proxy',
  'github.com/devopsfaith/krakend/http',
  'github_com/luraproject/lura/router/gin',
  'github_com/devopsfaith/krakend/router/gin',
]);
const PROTECTIONS = [...KNOWN_SECTIONS.keys()].filter(
  (name) => !HARMLESS.has(name),
);

describe('every section in which KrakenD rejects requests', () => {
  const section = fc.constantFrom(
    { max_rate: 5, client_max_rate: 2, strategy: 'ip', name: ['custom'] },
    { maxRate: 5, capacity: 5, maxErrors: 2, max_errors: 2, name: 'custom' },
    { name: 'ip-filter' },
  );
  const where = fc.constantFrom(
    'service',
    'endpoint',
    'backend',
    'agent',
    'beside',
  );
  const written = fc.record({
    name: fc.constantFrom(...PROTECTIONS),
    section,
    where,
    version: fc.constantFrom(2, 3),
  });

  it('is imported or reported, wherever it occurs', () => {
    fc.assert(
      fc.property(written, ({ name, section, where, version }) => {
        const extra_config = { [name]: section };
        const { options, findings } = fromKrakend({
          version,
          host: ['http://up'],
          ...(where === 'service' ? { extra_config } : {}),
          ...(where === 'agent'
            ? { async_agent: [{ backend: [{ extra_config }] }] }
            : {}),
          endpoints: [
            {
              endpoint: '/a',
              ...(where === 'endpoint' ? { extra_config } : {}),
              ...(where === 'beside' ? extra_config : {}),
              backend: [where === 'backend' ? { extra_config } : {}],
            },
          ],
        });
        const [made] = Object.values(options.backends!);
        const isImported =
          options.service ??
          options.routes!['GET /a'].limits ??
          made.rateLimit ??
          made.circuitBreaker;
        const said = findings.map(({ path, written }) => `${path} ${written}`);
        const isFound = said.some(
          (text) => text.includes(name) || text.startsWith('async_agent'),
        );
        expect(Boolean(isImported) || isFound).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });
});
