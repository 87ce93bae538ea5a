import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownTimeMs } from '../../test/support/own-time.js';
import { OUTPUTS } from './json-output.js';
import { program } from './program.js';
import { recordingTerminal } from './terminal.fixture.js';

const FILES = fileURLToPath(
  new URL('../../test/krakend-files/', import.meta.url),
);
const names = readdirSync(FILES);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'floodgate-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command line and returns all it had to say. */
function floodgate(...args: string[]) {
  return floodgateOn('', ...args);
}

/** Runs a command line with something on its standard input. */
async function floodgateOn(input: string, ...args: string[]) {
  const terminal = recordingTerminal(input);
  const code = await program(args, () => terminal);
  return {
    code,
    out: terminal.printed.join('\n'),
    err: terminal.complaints.join('\n'),
    told: terminal.told.join('\n'),
  };
}

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('floodgate check', () => {
  it.each(names)('shows %s', async (name) => {
    const { code, out, err } = await floodgate('check', FILES + name);
    expect(out).toContain('│ endpoint');
    expect(out).toMatch(/\d+ errors?, \d+ warnings?, \d+ notes?/);
    expect(err).toBe('');
    expect(code).toBe(/\b0 errors/.test(out) ? 0 : 1);
  });

  it('shows the effective figures of endpoints and backends', async () => {
    const { out } = await floodgate(
      'check',
      `${FILES}no-capacity.json`,
      `${FILES}per-minute.json`,
      `${FILES}version-2.json`,
    );
    expect(out).toContain('100/1m (1.667/s), capacity 1, by ip');
    expect(out).toContain('120/1m (2/s), capacity 50');
    expect(out).toContain('opens on failure 2 within 1m, for 10s');
  });

  it('reports a finding once, however many places it applies to', async () => {
    const { out } = await floodgate('check', `${FILES}no-capacity.json`);
    expect(out.match(/^warning address-can-be-forged/gm)).toHaveLength(1);
    expect(out).toContain('GET /orders/{path} and 2 more places');
  });

  it('fails on errors, and with --strict on warnings too', async () => {
    expect(
      (await floodgate('check', `${FILES}numbers-as-texts.json`)).code,
    ).toBe(1);
    expect((await floodgate('check', `${FILES}no-capacity.json`)).code).toBe(0);
    expect(
      (await floodgate('check', '--strict', `${FILES}no-capacity.json`)).code,
    ).toBe(1);
    expect(
      (await floodgate('check', '--strict', `${FILES}both-layers.json`)).code,
    ).toBe(0);
  });

  it('prints JSON for other programs', async () => {
    const { out } = await floodgate(
      'check',
      '--json',
      `${FILES}service-limit.json`,
      '/nowhere.json',
    );
    expect(JSON.parse(out)).toMatchObject([
      {
        kind: 'krakend',
        endpoints: [
          { endpoint: '(service)', limit: '5000/1h (1.389/s), capacity 10000' },
          { endpoint: 'GET /v1/hello', timeout: '3s' },
        ],
        findings: [{ code: 'enterprise-only', severity: 'warning' }],
      },
      { findings: [{ code: 'fault', severity: 'error' }] },
    ]);
  });

  it('accepts a configuration of this library as JSON, YAML or a module', async () => {
    const json = written(
      'own.json',
      '{ "routes": { "GET /a": { "limits": "100/1m" } } }',
    );
    const yaml = written('own.yml', 'policies:\n  a: { maxRate: 5 }\n');
    const module = written(
      'own.mjs',
      'export default { backends: { a: { hosts: ["http://a"], rateLimit: "5/1s" } } };',
    );
    const { code, out } = await floodgate('check', json, yaml, module);
    expect(code).toBe(0);
    expect(out).toContain('100/1m (1.667/s), capacity 100');
    expect(out).toContain('warning capacity-default: policies.a.capacity');
    expect(out).toContain('http://a');
  });

  it('reports a file it cannot read and still checks the others', async () => {
    const { code, out } = await floodgate(
      'check',
      written('broken.json', '{ "version": 3,\n'),
      written('list.json', '[]'),
      written('template.json', '{ "version": 3,\n "host": {{ .Host }} }'),
      written('wrong.json', '{ "maxClients": 0 }'),
      written(
        'nameless.json',
        '{ "routes": { "GET /a": { "limits": "pol" } } }',
      ),
      written('throws.mjs', 'throw new Error("at import")'),
      `${FILES}both-layers.json`,
    );
    expect(code).toBe(1);
    expect(out).toContain('template.json, line 2');
    expect(out).toContain(
      'error fault: maxClients: found 0; allowed: a whole number from 1',
    );
    expect(out).toContain('a whole number from 1');
    expect(out).toContain(
      'error fault: routes["GET /a"].limits: found "pol"; allowed: the name of a policy',
    );
    expect(out).toContain('at import');
    expect(out).toContain('GET /users/{id}');
    expect(out.match(/^1 error,/gm)).toHaveLength(6);
  });
});

describe('floodgate check with several files', () => {
  const own = '{ "routes": { "GET /a": { "limits": "100/1m" } } }';

  it('prints a JSON report per file, as its schema describes', async () => {
    const tiers = written(
      'tiers.json',
      JSON.stringify({
        policies: {
          plans: {
            tierKey: { strategy: 'header', key: 'x' },
            tiers: [
              { when: 'gold', name: 'gold', clientMaxRate: 9 },
              { otherwise: true, unlimited: true },
            ],
          },
        },
        routes: { 'GET /a': { limits: ['100/1m', 'plans'], timeout: '1.5s' } },
        backends: {
          a: {
            hosts: ['http://a'],
            rateLimit: '5/1s',
            timeout: '2s',
            circuitBreaker: { maxErrors: 3, interval: '60s', timeout: '10s' },
          },
        },
      }),
    );
    const { out } = await floodgate(
      'check',
      '--json',
      tiers,
      ...names.map((name) => FILES + name),
    );
    const printed: unknown = JSON.parse(out);
    expect(OUTPUTS.check.parse(printed)).toEqual(printed);
    expect(printed).toMatchObject([
      {
        kind: 'floodgate',
        counts: { error: 0 },
        endpoints: [
          { endpoint: '(policy plans)' },
          {
            endpoint: 'GET /a',
            limit: '100/1m (1.667/s), capacity 100; 2 tiers',
            timeoutMs: 1500,
            buckets: [
              {
                scope: 'all callers',
                maxRate: 100,
                everyMs: 60_000,
                capacity: 100,
              },
              {
                scope: 'each client',
                maxRate: 9,
                perSecond: 9,
                capacity: 1,
                tier: 'gold',
                policy: 'plans',
                client: 'ip',
              },
            ],
          },
        ],
        backends: [
          {
            rateLimit: { maxRate: 5, everyMs: 1000, perSecond: 5, capacity: 5 },
            circuitBreaker: {
              maxErrors: 3,
              intervalMs: 60_000,
              timeoutMs: 10_000,
            },
            timeoutMs: 2000,
          },
        ],
      },
      ...names.map(() => ({ kind: 'krakend' })),
    ]);
  });

  it('reads either kind of configuration from standard input', async () => {
    const { code, out } = await floodgateOn(own, 'check', '-');
    expect(code).toBe(0);
    expect(out).toContain('100/1m');
    const krakend = await floodgateOn(
      'version: 3\nendpoints: []\n',
      'check',
      '-',
      '--json',
    );
    expect(JSON.parse(krakend.out)).toMatchObject([{ kind: 'krakend' }]);
    const empty = await floodgateOn('', 'check', '-');
    expect(empty.code).toBe(1);
    expect(empty.out).toContain('standard input');
  });

  it('expands patterns, and prefers a file whose name looks like one', async () => {
    written('glob-b.json', own);
    written('glob-a.json', own);
    const named = written('odd[1].json', own);
    const { out } = await floodgate(
      'check',
      join(folder, 'glob-?.json'),
      named,
    );
    expect(out.match(/^\S*(?:glob|odd)\S*json$/gm)).toEqual([
      join(folder, 'glob-a.json'),
      join(folder, 'glob-b.json'),
      named,
    ]);
    const none = await floodgate('check', join(folder, 'none-*.json'));
    expect(none).toMatchObject({ code: 1, out: '' });
    expect(none.err).toMatch(/none-\*\.json: no file matches this pattern$/);
  });

  it('prints only what makes it fail under --quiet', async () => {
    const sound = written('sound.json', own);
    const doubtful = written(
      'doubtful.yml',
      'policies:\n  a: { maxRate: 5 }\n',
    );
    expect(await floodgate('check', '--quiet', sound, doubtful)).toMatchObject({
      code: 0,
      out: '',
      err: '',
    });
    const { code, out } = await floodgate(
      '-q',
      'check',
      '--strict',
      sound,
      doubtful,
    );
    expect(code).toBe(1);
    expect(out).toContain('warning capacity-default');
    expect(out).not.toContain('│');
    expect(out).not.toContain('sound.json');
  });

  it.each([
    ['gone.json', undefined, /^error fault: \S+gone\.json: no such file$/m],
    ['a folder', '', /: it is a folder, not a file$/m],
    ['empty.yml', '# nothing\n', /empty\.yml: it is empty/],
    ['list.json', '[]', /list\.json: it is a list/],
    ['object.json', '{}', /object\.json: it is an empty object/],
    [
      'k8s.yml',
      'apiVersion: v1\nkind: ConfigMap\n',
      /looks like a Kubernetes manifest \("?ConfigMap"?\)/,
    ],
    [
      'api.yml',
      'openapi: 3.1.0\npaths: {}\n',
      /looks like an OpenAPI document/,
    ],
    ['other.json', '{ "name": "x" }', /it is an object with "?name/],
    ['typo.json', '{ "polices": {} }', /did you mean .?policies/i],
    ['gone.mjs', undefined, /gone\.mjs: no such file$/m],
    ['bare.mjs', 'export const a = 1;', /bare\.mjs: it has no default export/],
    [
      'throws.mjs',
      'throw new Error("at import")',
      /throws\.mjs: it cannot be imported: at import/,
    ],
  ])('reports the fault once: %s', async (name, text, sentence) => {
    const path = name === 'a folder' ? folder : join(folder, name);
    if (text === undefined) rmSync(path, { force: true });
    else if (path !== folder) writeFileSync(path, text);
    const { code, out } = await floodgate('check', path);
    expect(code).toBe(1);
    expect(out).toMatch(sentence);
    const [, ...said] = out.split('\n');
    expect(said.join('\n').split(path).length).toBeLessThanOrEqual(2);
    expect(out).toMatch(/^\d+ errors?, 0 warnings, 0 notes$/m);
  });

  it('checks twenty thousand endpoints within seconds', async () => {
    const endpoints = Array.from({ length: 20_000 }, (_, i) => ({
      endpoint: `/v1/things${i}/{id}`,
      extra_config: {
        'qos/ratelimit/router': {
          max_rate: 100,
          capacity: 100,
          client_max_rate: 10,
          client_capacity: 10,
          strategy: 'ip',
        },
      },
      backend: [{ url_pattern: '/x', host: [`http://b${i % 50}`] }],
    }));
    const large = written(
      'large.json',
      JSON.stringify({ version: 3, endpoints }),
    );
    const begunMs = ownTimeMs();
    const { out } = await floodgate('check', large);
    // Alone it takes two; the box around a table of that length took minutes.
    expect(ownTimeMs() - begunMs).toBeLessThan(10_000);
    expect(out).toContain('GET /v1/things19999/{id}');
  });
});

describe('floodgate convert', () => {
  it('puts each finding next to the code it concerns', async () => {
    const { out, code } = await floodgate('convert', `${FILES}version-3.json`);
    expect(code).toBe(0);
    const lines = out.split('\n').map((line) => line.trim());
    expect(lines[lines.indexOf("'GET /shows/{id}': {") - 1]).toMatch(
      /^\/\/ note partial-answers/,
    );
    expect(lines[lines.indexOf("'GET:status:127.0.0.1': {") - 1]).toMatch(
      /^\/\/ note breaker-counts-client-errors/,
    );
  });

  it('escapes everything it writes into comments and strings', async () => {
    const evil = 'x\n*/ process.exit(1) // \u2028 throw 1 \' " \\';
    const file = written(
      'evil.json',
      JSON.stringify({
        version: evil,
        endpoints: [
          {
            endpoint: '/a',
            extra_config: {
              'qos/ratelimit/router': {
                client_max_rate: 1,
                strategy: 'ip',
                key: evil,
              },
            },
          },
        ],
      }),
    );
    const { out } = await floodgate('convert', file);
    for (const line of out.split(/[\n\u2028\u2029]/))
      expect(line).not.toMatch(/^\s*(\*\/|throw)/);
  });

  it('reads standard input', async () => {
    const text = readFileSync(`${FILES}both-layers.json`, 'utf8');
    const { code, out } = await floodgateOn(text, 'convert', '-');
    expect(code).toBe(0);
    expect(out).toContain('export const options');
  });

  it('fails on errors and writes them into the module', async () => {
    const out = join(folder, 'written.ts');
    const { code, err, told } = await floodgate(
      'convert',
      `${FILES}tiers.json`,
      '-o',
      out,
    );
    expect(code).toBe(1);
    expect(err).toMatch(
      /tiers\.json: \d+ errors?; search the module for "\/\/ error"/,
    );
    expect(told).toMatch(
      /^\S+written\.ts: written, with \d+ findings? as comments$/,
    );
    expect(readFileSync(out, 'utf8')).toContain('// error ');
  });

  it.each([
    ['k8s.yaml', 'apiVersion: v1\nkind: ConfigMap\n'],
    ['empty.json', '{}'],
    ['ours.json', '{ "routes": {} }'],
  ])(
    'rejects input that is not a KrakenD configuration: %s',
    async (name, text) => {
      const { code, err, out } = await floodgate(
        'convert',
        written(name, text),
      );
      expect(code).toBe(1);
      expect(err).toMatch(/\w/);
      expect(out).toBe('');
    },
  );

  it('fails when it cannot read or write a file', async () => {
    const { code, err } = await floodgate('convert', '/nowhere.json');
    expect(code).toBe(1);
    expect(err).toContain('/nowhere.json');
    const unwritable = await floodgate(
      'convert',
      `${FILES}tiers.json`,
      '--out',
      '/nowhere/at/all.ts',
    );
    expect(unwritable.code).toBe(1);
  });
});

describe('the command line', () => {
  it('prints its help', async () => {
    const { code, out } = await floodgate('--help');
    expect(code).toBe(0);
    expect(out).toContain('check');
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    expect(await floodgate('--version')).toMatchObject({
      code: 0,
      out: version,
    });
  });

  it.each(['check', 'simulate'])(
    'prints the JSON Schema of %s',
    async (command) => {
      const { code, out } = await floodgate('schema', command);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        title: `floodgate ${command} --json`,
      });
    },
  );

  it.each(['bash', 'zsh', 'fish'])(
    'prints a completion script for %s',
    async (shell) => {
      const { code, out } = await floodgate('completion', shell);
      expect(code).toBe(0);
      for (const word of [
        'check',
        'convert',
        'simulate',
        'suggest',
        'strict',
        'quiet',
      ])
        expect(out).toContain(word);
      expect(out).not.toContain('undefined');
    },
  );

  it('completes commands in a shell that sources the script', async () => {
    const { out } = await floodgate('completion', 'bash');
    const script = written('completion.bash', out);
    const asked = `source ${script}; COMP_WORDS=(floodgate simulate --su); COMP_CWORD=2; _floodgate; echo "\${COMPREPLY[*]}"`;
    expect(execFileSync('bash', ['-c', asked], { encoding: 'utf8' })).toBe(
      '--suggest\n',
    );
  });

  it.each([['chek'], ['check'], ['check', '--colour', 'x.json']])(
    'exits with 2 on a usage error: %s %s',
    async (...args) => {
      const { code, err } = await floodgate(...args);
      expect(code).toBe(2);
      expect(err).toContain('error:');
    },
  );
});
