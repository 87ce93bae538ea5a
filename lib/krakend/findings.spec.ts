import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromKrakend, KrakendFindingCode } from './index.js';
import { KRAKEND_SEVERITIES } from './krakend-finding.js';

const ROUTER = 'qos/ratelimit/router';
const PROXY = 'qos/ratelimit/proxy';
const BREAKER = 'qos/circuit-breaker';
const OLD = 'github.com/devopsfaith/krakend-ratelimit/juju/';

interface Parts {
  root?: object;
  endpoint?: object;
  extra?: object;
  backends?: object[];
}

/** A file with one endpoint. */
function file({ root, endpoint, extra, backends = [{}] }: Parts): object {
  return {
    version: 3,
    host: ['http://catalog:8080'],
    endpoints: [
      {
        endpoint: '/products/{id}',
        extra_config: extra,
        backend: backends,
        ...endpoint,
      },
    ],
    ...root,
  };
}

const router = (section: unknown) => file({ extra: { [ROUTER]: section } });
const onBackend = (extra: object) =>
  file({ backends: [{ extra_config: extra }] });
const proxy = (section: unknown) => onBackend({ [PROXY]: section });
const breaker = (section: unknown) => onBackend({ [BREAKER]: section });
const complete = { interval: 60, timeout: 10, max_errors: 3 };
const twice = { endpoint: '/a', backend: [] };

/** For each code the smallest file that shows it, and a part of what is said. */
const PROVOKED: Record<KrakendFindingCode, [source: object, said: string]> = {
  'address-can-be-forged': [
    router({
      client_max_rate: 5,
      client_capacity: 5,
      strategy: 'ip',
      key: 'X-Real-IP',
    }),
    'X-Real-IP chooses the client',
  ],
  'agent-not-imported': [
    {
      version: 3,
      endpoints: [],
      async_agent: [{ name: 'jobs', consumer: { max_rate: 2 } }],
    },
    'from a queue',
  ],
  'backend-not-imported': [
    file({ backends: [{ host: ['amqp://queue'] }] }),
    'not imported',
  ],
  'backend-resolved-by-service-discovery': [
    file({ backends: [{ host: ['catalog.internal'], sd: 'dns' }] }),
    'SRV records',
  ],
  'breaker-by-default': [breaker({ name: 'only' }), 'first failure'],
  'breaker-counts-client-errors': [breaker(complete), '200 and 201'],
  'breaker-missing': [breaker({ max_errors: 0 }), 'No breaker'],
  'breaker-name-shared': [
    file({
      backends: [1, 2].map(() => ({
        extra_config: { [BREAKER]: { ...complete, name: 'cb' } },
      })),
    }),
    'shares nothing',
  ],
  'breaker-never-opens': [breaker({ ...complete, max_errors: -1 }), 'never'],
  'breaker-opens-one-later': [breaker(complete), 'failure 4 in a row'],
  'breaker-sees-no-status': [
    file({
      endpoint: { output_encoding: 'no-op' },
      backends: [{ extra_config: { [BREAKER]: complete } }],
    }),
    'never sees a status',
  ],
  'breaker-stays-open-by-default': [
    breaker({ interval: 60, max_errors: 3 }),
    '60 seconds',
  ],
  'capacity-by-default': [
    router({ max_rate: 100, every: '60s' }),
    'capacity is 1: 1.667 a second',
  ],
  'capacity-out-of-range': [proxy({ max_rate: 5, capacity: -1 }), 'default'],
  'client-limit-dropped': [
    router({ max_rate: 5, client_max_rate: 1, strategy: 'jwt' }),
    'not limited',
  ],
  'client-without-key': [
    router({ client_max_rate: 1, strategy: 'header', key: 'x-user' }),
    'gets 429',
  ],
  'clients-all-refused': [
    router({ client_max_rate: 1, strategy: 'param', key: 'ID' }),
    'every request gets 429',
  ],
  'code-not-imported': [
    file({ extra: { 'modifier/lua-proxy': {} } }),
    'can refuse it',
  ],
  'endpoint-not-imported': [
    { version: 3, endpoints: [{ endpoint: '/a b' }] },
    'does not start',
  ],
  'endpoint-twice': [{ version: 3, endpoints: [twice, twice] }, 'first'],
  'enterprise-only': [
    file({
      root: { extra_config: { 'qos/ratelimit/service': { max_rate: 5 } } },
    }),
    'Community edition ignores',
  ],
  'every-not-positive': [
    proxy({ max_rate: 5, capacity: 5, every: '0s' }),
    'divides by zero',
  ],
  'every-too-short': [router({ max_rate: 5, every: '500ms' }), 'is a second'],
  'every-unreadable': [router({ max_rate: 5, every: 60 }), 'no duration'],
  'field-unreadable': [
    file({ endpoint: { concurrent_calls: 'three' } }),
    'does not start',
  ],
  'field-without-effect': [
    router({ max_rate: 5, capacity: 5, clientMaxRate: 1 }),
    'no such field',
  ],
  'figure-cut': [router({ max_rate: 5, capacity: 2.9 }), 'cut to 2'],
  'first-request-refused': [
    router({ max_rate: 100, client_max_rate: 30, every: '1m', strategy: 'ip' }),
    'first request is refused',
  ],
  'limit-missing': [proxy({ max_rate: 0 }), 'No limit'],
  'limit-not-imported': [
    file({
      extra: {
        'qos/ratelimit/tiered': {
          tier_key: 'x',
          tiers: [{ tier_value_as: 'policy' }],
        },
      },
    }),
    'not imported',
  ],
  'limit-trips-breaker': [
    onBackend({ [BREAKER]: complete, [PROXY]: { max_rate: 5 } }),
    'counts as a failure',
  ],
  'name-dead': [
    file({ extra: { [`${OLD}router`]: { maxRate: 5 } } }),
    'no section of that name',
  ],
  'number-as-text': [proxy({ max_rate: '100' }), 'read as 0'],
  'partial-answers': [
    file({ backends: [{}, { extra_config: { [PROXY]: { max_rate: 1 } } }] }),
    'X-Krakend-Completed: false',
  ],
  'protected-backend-not-imported': [
    onBackend({ [PROXY]: { max_rate: 5, capacity: 5 }, 'backend/lambda': {} }),
    'over AWS Lambda',
  ],
  'protection-not-imported': [
    file({ extra: { 'governance/quota': {} } }),
    'gets 429',
  ],
  'rate-too-high': [proxy({ max_rate: 2e9, capacity: 1 }), 'divides by zero'],
  'rate-zero': [
    router({ max_rate: 0, client_max_rate: 5, strategy: 'ip' }),
    'No limit on all callers together',
  ],
  'redis-in-memory': [
    file({ extra: { [`${ROUTER}/redis`]: { max_rate: 5, capacity: 5 } } }),
    'in memory',
  ],
  'router-options-dropped': [
    file({
      root: { extra_config: { router: { trusted_proxies: '10.0.0.0/8' } } },
    }),
    'ignores the whole section',
  ],
  'scope-wrong': [
    file({ extra: { [PROXY]: { max_rate: 5 } } }),
    'backend only',
  ],
  'section-no-object': [router(5), 'must be an object'],
  'sequential-refusal': [
    file({
      extra: { proxy: { sequential: true } },
      backends: [{ extra_config: { [PROXY]: { max_rate: 1 } } }, {}],
    }),
    'the caller gets 500',
  ],
  'setting-not-imported': [
    file({ root: { max_header_bytes: 4096 } }),
    'that of Node 16 KiB',
  ],
  'shadow-backend': [
    file({
      backends: [
        {},
        { extra_config: { proxy: { shadow: true, shadow_timeout: '100ms' } } },
      ],
    }),
    'for at most 100ms',
  ],
  'timeout-as-number': [file({ root: { timeout: 2000 } }), '2us'],
  'timeout-negative': [file({ endpoint: { timeout: '-1s' } }), 'answered 500'],
  'timeout-shared': [file({ backends: [{}, {}] }), '85 %'],
  'timeout-unreadable': [file({ root: { timeout: '2 s' } }), 'does not start'],
  'timeout-without-effect': [
    file({ backends: [{ timeout: '1s' }] }),
    "endpoint's timeout",
  ],
  'timeout-zero': [file({ endpoint: { timeout: '0s' } }), 'the default, 2s'],
  'trusted-proxies': [
    file({
      root: { extra_config: { router: { trusted_proxies: ['10.0.0.0/8'] } } },
    }),
    'Only these may say',
  ],
  'version-unknown': [{ version: 1, endpoints: [] }, 'does not start'],
};

describe('findings on a KrakenD file', () => {
  it.each(Object.entries(PROVOKED))('%s', (code, [source, said]) => {
    const found = fromKrakend(source).findings.filter((f) => f.code === code);
    expect(found.map(({ enforced }) => enforced).join()).toContain(said);
    for (const { severity, path, subject, written, fix } of found) {
      expect(severity).toBe(KRAKEND_SEVERITIES[code as KrakendFindingCode]);
      for (const text of [path, subject, written, fix])
        expect(text).toMatch(/\w/);
    }
  });

  it('each have a section in the docs, and every section has a finding', () => {
    const url = new URL('../../docs/krakend-findings.md', import.meta.url);
    const sections = readFileSync(url, 'utf8').match(/(?<=^### ).+$/gm);
    expect(sections?.toSorted()).toEqual(
      Object.keys(KRAKEND_SEVERITIES).toSorted(),
    );
  });

  it('are absent when the file means what it says', () => {
    const { findings } = fromKrakend({
      version: 3,
      timeout: '3s',
      endpoints: [
        {
          '@comment': 'a comment',
          endpoint: '/products/{id}',
          extra_config: {
            [ROUTER]: {
              '@comment': 'a comment',
              max_rate: 100,
              capacity: 100,
              client_max_rate: 5,
              client_capacity: 5,
              every: '1m',
              strategy: 'param',
              key: 'id',
            },
          },
          backend: [
            {
              host: ['http://catalog:8080'],
              url_pattern: '/products/{id}',
              extra_config: { [PROXY]: { max_rate: 5, capacity: 5 } },
            },
          ],
        },
      ],
    });
    expect(findings).toEqual([]);
  });

  it('report settings that do not apply here and the limit that used to be a plugin', () => {
    const { findings } = fromKrakend({
      version: 3,
      endpoints: [],
      max_header_bytes: 4096,
      dialer_keep_alive: '10s',
      dialer_fallback_delay: '100ms',
      dns_cache_ttl: '30s',
      extra_config: {
        'plugin/http-server': {
          name: ['redis-ratelimit'],
          'redis-ratelimit': { host: 'redis:6379', rate: 10, burst: 10 },
        },
      },
    });
    expect(findings.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'setting-not-imported max_header_bytes',
      'setting-not-imported dialer_keep_alive',
      'setting-not-imported dialer_fallback_delay',
      'setting-not-imported dns_cache_ttl',
      'limit-not-imported extra_config["plugin/http-server"]["redis-ratelimit"]',
    ]);
  });

  it('distinguish an outdated section of a version 2 file from an obsolete key', () => {
    const old = { [`${OLD}router`]: { maxRate: 5.5 } };
    const dead = { [`${OLD.replace('.', '_')}router`]: { maxRate: 5 } };
    const codes = (extra: object) =>
      fromKrakend({ ...file({ extra }), version: 2 }).findings.map(
        (f) => f.code,
      );
    expect(codes(old)).toEqual(['figure-cut']);
    expect(codes(dead)).toEqual(['name-dead']);
    expect(codes({ [ROUTER]: { max_rate: 5 } })).toEqual(['name-dead']);
  });
});
