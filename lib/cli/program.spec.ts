import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
async function floodgate(...args: string[]) {
  const terminal = recordingTerminal();
  const code = await program(args, () => terminal);
  return {
    code,
    out: terminal.printed.join('\n'),
    err: terminal.complaints.join('\n'),
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

  it('shows effective figures of endpoints and backends', async () => {
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

  it('says once what holds in many places', async () => {
    const { out } = await floodgate('check', `${FILES}no-capacity.json`);
    expect(out.match(/^warning address-can-be-forged/gm)).toHaveLength(1);
    expect(out).toContain('GET /orders/{path} and 2 more places');
  });

  it('fails on errors, and on warnings when strict', async () => {
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

  it('prints JSON for machines', async () => {
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

  it('takes a configuration of this library, as JSON, YAML or a module', async () => {
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

  it('tells what is wrong with any file, and checks the others', async () => {
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
    expect(out).toContain('a whole number from 1');
    expect(out).toContain('the policy "pol"');
    expect(out).toContain('at import');
    expect(out).toContain('GET /users/{id}');
    expect(out.match(/^1 error,/gm)).toHaveLength(6);
  });
});

describe('floodgate convert', () => {
  it('puts each finding where it belongs', async () => {
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

  it('lets nothing out of its comments and texts', async () => {
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

  it('refuses what it cannot read or write', async () => {
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

describe('the command line itself', () => {
  it('explains itself', async () => {
    const { code, out } = await floodgate('--help');
    expect(code).toBe(0);
    expect(out).toContain('check');
  });

  it.each([['chek'], ['check'], ['check', '--colour', 'x.json']])(
    'is refused with 2 when it is wrong: %s %s',
    async (...args) => {
      const { code, err } = await floodgate(...args);
      expect(code).toBe(2);
      expect(err).toContain('error:');
    },
  );
});
