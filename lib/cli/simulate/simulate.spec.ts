import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownTimeMs } from '../../../test/support/own-time.js';
import { program } from '../program.js';
import { recordingTerminal } from '../terminal.fixture.js';

const CONFIGURATION = fileURLToPath(
  new URL('../../../test/krakend-files/both-layers.json', import.meta.url),
);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'floodgate-simulate-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function simulate(...args: string[]) {
  const terminal = recordingTerminal();
  const code = await program(
    ['simulate', CONFIGURATION, ...args],
    () => terminal,
  );
  return {
    code,
    out: terminal.printed.join('\n'),
    err: terminal.complaints.join('\n'),
  };
}

function log(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

const line = (second: number, id: number) =>
  `192.0.2.${id} - - [10/Oct/2026:13:55:${String(second).padStart(2, '0')} +0000] "GET /users/${id} HTTP/1.1" 200 1 "-" "curl/8"`;

describe('floodgate simulate', () => {
  it('tells who would have been refused, when and why, and draws it', async () => {
    const file = log('access.log', [
      ...[1, 2, 3, 4].map((id) => line(10, id)),
      'no request at all',
      ...[5, 6].map((id) => line(20, id)),
    ]);
    const chart = join(folder, 'chart.svg');
    const { code, out } = await simulate(file, '--chart', chart);
    expect(code).toBe(0);
    // Four in one second are spread over it: two from the stock, the third after half a second.
    expect(out).toContain('6 requests from 2026-10-10T13:55:10Z');
    expect(out).toContain('1 lines were no requests, the first of them line 5');
    expect(out).toMatch(/GET \/users\/\{id\} +│ 6 +│ 1 \(16.67 %\)/);
    const svg = readFileSync(chart, 'utf8');
    expect(svg.match(/class="admitted" x=/g)).toHaveLength(2);
    expect(svg.match(/class="refused" x=/g)).toHaveLength(1);
  });

  it('says aloud what the log does not tell', async () => {
    const configuration = log('by-header.json', [
      '{ "routes": { "GET /users/{id}": { "limits": { "clientMaxRate": 1, "strategy": "header", "key": "x-user" } } } }',
    ]);
    const file = log('two.log', [line(10, 1), line(11, 1)]);
    const terminal = recordingTerminal();
    await program(['simulate', configuration, file], () => terminal);
    expect(terminal.printed.join('\n')).toContain(
      'warning GET /users/{id}, limits[0]: the traffic does not tell x-user; the address stands for the client (2 requests)',
    );
  });

  it('makes a load that is described, and suggests limits for it', async () => {
    const load = ['--rps', '50', '--clients', '20', '--for', '1m'];
    const { code, out } = await simulate(...load, '--suggest', '1%');
    expect(code).toBe(0);
    expect(out).toMatch(/GET \/users\/\{id\} +│ \d{4} +│ \d{4} /);
    expect(out).toContain('refuse at most 1 % of this');
    expect(out).toMatch(/maxRate: \d+, capacity: \d+, every: '1s'/);
  });

  it('replays a hundred thousand lines in seconds', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) =>
      line(Math.floor(i / 2000), i % 200),
    );
    const begunMs = ownTimeMs();
    const { out } = await simulate(log('large.log', lines));
    expect(out).toContain('100000 requests');
    // Alone it takes half a second.
    expect(ownTimeMs() - begunMs).toBeLessThan(10_000);
  });

  it('says so when there was nothing to replay', async () => {
    const { code, out } = await simulate(log('empty.log', ['', 'x', 'y']));
    expect(code).toBe(0);
    expect(out).toBe(
      'no requests\n2 lines were no requests, the first of them line 2',
    );
  });

  it.each([
    [2, []],
    [2, ['--rps', '0']],
    [2, ['--rps', '5', '--for', '1']],
    [2, ['--rps', '5', '--clients', '1.5']],
    [2, ['--rps', '5', '--endpoint', 'nowhere']],
    [2, ['--rps', '5', '--suggest', '100%']],
    [1, ['/nowhere/access.log']],
  ])('exits with %i on %s', async (expected, args) => {
    const { code, err } = await simulate(...args);
    expect(code).toBe(expected);
    expect(err).toMatch(/\w/);
  });
});
