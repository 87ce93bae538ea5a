import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ownTimeMs } from '../../test/support/own-time.js';
import { fromKrakend, KrakendImport } from './index.js';

const pathOf = (name: string) =>
  fileURLToPath(
    new URL(`../../test/krakend-files/${name}.json`, import.meta.url),
  );
const imported = (name: string) => fromKrakend(pathOf(name));
const codes = ({ findings }: KrakendImport) => [
  ...new Set(findings.map(({ code }) => code)),
];

describe('an import from KrakenD', () => {
  it.each(['version-2', 'version-3'])(
    'has the limits, breakers and timeouts of %s, in all three representations',
    (name) => {
      const { options } = imported(name);
      expect(options.timeout).toBe('3s');
      expect(options.routes).toEqual({
        'GET /status': {},
        'GET /shows/{id}': {
          limits: [
            {
              maxRate: 50,
              capacity: 50,
              clientMaxRate: 5,
              clientCapacity: 5,
              every: '1s',
              strategy: 'ip',
            },
          ],
        },
      });
      const breaker = { maxErrors: 2, interval: '1m', timeout: '10s' };
      expect(options.backends).toMatchObject({
        'GET:status:127.0.0.1': { circuitBreaker: breaker, timeout: '3s' },
        'GET:shows.id:127.0.0.1': {
          hosts: ['http://127.0.0.1:8000'],
          rateLimit: { maxRate: 1, capacity: 1, every: '1s' },
          circuitBreaker: breaker,
          timeout: '2550ms',
        },
        '127.0.0.1': { hosts: ['http://127.0.0.1:8000'], timeout: '2550ms' },
      });
    },
  );

  it('skips limits under an obsolete key and keeps the breakers beside them', () => {
    const result = imported('dead-names');
    expect(result.options).not.toHaveProperty('service');
    expect(Object.values(result.options.routes!)).toEqual([{}, {}]);
    expect(
      Object.values(result.options.backends!).map(
        ({ circuitBreaker }) => circuitBreaker?.maxErrors,
      ),
    ).toEqual([6, 2]);
    expect(codes(result)).toContain('name-dead');
  });

  it('gives each entry its own counter, even for the same host', () => {
    const { backends } = imported('per-minute').options;
    expect(Object.keys(backends!)).toEqual([
      'GET:users:main',
      'GET:roles:main',
      'GET:media:main',
    ]);
    for (const { rateLimit } of Object.values(backends!))
      expect(rateLimit).toEqual({ maxRate: 120, every: '1m', capacity: 50 });
  });

  it('uses a capacity of one where KrakenD does', () => {
    const result = imported('no-capacity');
    expect(Object.values(result.options.routes!)).toHaveLength(3);
    for (const { limits } of Object.values(result.options.routes!))
      expect(limits).toMatchObject([
        { maxRate: 100, every: '1m', capacity: 1, clientCapacity: 1 },
      ]);
    expect(codes(result)).toContain('capacity-by-default');
  });

  it('skips limits whose figures are strings', () => {
    const result = imported('numbers-as-texts');
    expect(Object.values(result.options.backends!)).toEqual([
      { hosts: ['https://api.example.com'], timeout: '2s' },
    ]);
    expect(codes(result)).toEqual(['number-as-text', 'limit-missing']);
  });

  it('uses the default client burst beside a written burst', () => {
    expect(imported('burst-above-rate').options.routes).toMatchObject({
      'GET /health': {
        limits: [
          { maxRate: 20, capacity: 50, clientMaxRate: 20, clientCapacity: 20 },
        ],
      },
    });
  });

  it('includes the service limit', () => {
    const result = imported('service-limit');
    expect(result.options.service).toEqual({
      maxRate: 5000,
      every: '1h',
      capacity: 10_000,
    });
    expect(codes(result)).toEqual(['enterprise-only']);
  });

  it('includes server timeouts and connection pools', () => {
    const { options } = fromKrakend({
      version: 3,
      read_timeout: '5s',
      read_header_timeout: '1500ms',
      write_timeout: '0s',
      idle_timeout: '1h30m',
      max_idle_connections: 500,
      max_idle_connections_per_host: '20',
      idle_connection_timeout: '30s',
      dialer_timeout: '700ms',
      response_header_timeout: '3s',
      disable_keep_alives: true,
      endpoints: [
        { endpoint: '/a', backend: [{ host: ['catalog/', 'http://other'] }] },
      ],
    });
    expect(options.server).toEqual({
      readTimeout: '5s',
      readHeaderTimeout: '1500ms',
      idleTimeout: '90m',
    });
    expect(options.backends).toEqual({
      catalog: {
        hosts: ['http://catalog', 'http://other'],
        timeout: '2s',
        keepAlive: false,
        maxIdleConnections: 500,
        maxIdleConnectionsPerHost: 20,
        idleConnectionTimeout: '30s',
        connectTimeout: '700ms',
        responseHeaderTimeout: '3s',
      },
    });
  });

  it('reports which backend each entry became', () => {
    expect(imported('breakers').backends).toEqual([
      { key: 'GET /limited', index: 0, backend: 'fake' },
      { key: 'GET /guarded', index: 0, backend: 'GET:guarded:fake' },
      { key: 'GET /guarded', index: 1, backend: 'GET:guarded:fake:2' },
    ]);
  });

  it('applies the overrides of the application', () => {
    const over = { timeout: '9s', maxClients: 5 } as const;
    const { options } = fromKrakend(pathOf('both-layers'), { over });
    expect(options).toMatchObject({ timeout: '9s', maxClients: 5 });
    expect(() =>
      fromKrakend(pathOf('both-layers'), { over: { maxClients: 0 } }),
    ).toThrow('maxClients');
  });
});

describe('a KrakenD source', () => {
  const yaml = `
version: 3
endpoints:
  - endpoint: /a
    extra_config:
      qos/ratelimit/router: { max_rate: 5, capacity: 5 }
`;
  it.each([
    ['YAML', yaml],
    [
      'JSON with a byte order mark',
      `\uFEFF${JSON.stringify({ version: 3, endpoints: [{ endpoint: '/a', extra_config: { 'qos/ratelimit/router': { max_rate: 5, capacity: 5 } } }] })}`,
    ],
  ])('may be %s', (_, text) => {
    expect(fromKrakend(text).options.routes).toEqual({
      'GET /a': { limits: [{ maxRate: 5, capacity: 5, every: '1s' }] },
    });
  });

  it('may be a file URL', () => {
    const url = new URL(`file://${pathOf('tiers')}`);
    const { options, findings } = fromKrakend(url);
    expect(findings.map(({ code }) => code)).toContain('enterprise-only');
    expect(options.routes).toEqual({
      'GET /test': {
        limits: [
          {
            tierKey: { strategy: 'header', key: 'X-Plan' },
            tiers: [
              {
                when: 'gold',
                clientMaxRate: 100,
                clientCapacity: 100,
                every: '1s',
                strategy: 'header',
                key: 'X-User',
              },
              { otherwise: true, maxRate: 1, capacity: 1, every: '1s' },
            ],
          },
        ],
      },
    });
  });

  it.each([
    [
      'a Go template',
      '{\n  "version": 3,\n  "host": {{ .Env.HOST }}\n}',
      'line 3',
      'template',
    ],
    [
      'a template of a loop',
      'version: 3\n{{- range .endpoints }}\n{{ end }}',
      'line 2',
      'range',
    ],
    [
      'broken JSON',
      '{\n "version": 3,\n "endpoints": [}\n',
      'line 3, column 16',
      'a value is missing before "}"',
    ],
    ['a list', '[1]', 'configuration', 'an object'],
    ['a number', 5, 'configuration', 'an object'],
    ['nothing', '', 'configuration', 'an object'],
    [
      'a file that is not there',
      '/nowhere/krakend.json',
      '/nowhere',
      'no such file',
    ],
    [
      'aliases that grow',
      `a: &a [x, x, x, x, x, x, x, x, x, x]\n${'bcdefg'.replaceAll(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)}, `.repeat(10)}]\n`)}`,
      'text',
      'alias',
    ],
  ])('is rejected: %s', (_, source, where, what) => {
    expect(() => fromKrakend(source as string)).toThrow(
      expect.objectContaining({ name: 'ThrottleConfigError' }),
    );
    expect(() => fromKrakend(source as string)).toThrow(where);
    expect(() => fromKrakend(source as string)).toThrow(what);
  });

  it('of half a megabyte is parsed in a moment', () => {
    const backend = {
      host: ['http://catalog'],
      url_pattern: '/x',
      extra_config: {
        'qos/ratelimit/proxy': { max_rate: 5 },
        'qos/circuit-breaker': {
          interval: 60,
          timeout: 10,
          max_errors: 1,
          name: 'x',
        },
      },
    };
    const endpoints = Array.from({ length: 800 }, (_, i) => ({
      endpoint: `/things/${i}/{id}`,
      extra_config: {
        'qos/ratelimit/router': {
          max_rate: 100,
          every: '1m',
          client_max_rate: 5,
          strategy: 'ip',
        },
        '@comment': 'x'.repeat(200),
      },
      backend: [backend, backend],
    }));
    const text = JSON.stringify({ version: 3, endpoints }, undefined, 1);
    expect(text.length).toBeGreaterThan(500_000);
    const begunMs = ownTimeMs();
    expect(Object.keys(fromKrakend(text).options.backends!)).toHaveLength(1600);
    // Alone it takes a fifth of a second; a square in the number of endpoints would take minutes.
    expect(ownTimeMs() - begunMs).toBeLessThan(5000);
  });
});
