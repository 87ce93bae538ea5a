import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownTimeMs } from '../../../test/support/own-time.js';
import { OUTPUTS } from '../json-output.js';
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
  it('reports and charts who would have been refused, when and why', async () => {
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
    expect(out).toMatch(
      /warning 1 line is not understood; the first is \S+access\.log, line 5: "no request at all"/,
    );
    expect(out).toMatch(/GET \/users\/\{id\} +│ 6 +│ 1 \(16.67 %\)/);
    const svg = readFileSync(chart, 'utf8');
    expect(svg.match(/class="admitted" x=/g)).toHaveLength(2);
    expect(svg.match(/class="refused" x=/g)).toHaveLength(1);
  });

  it('states what the log cannot show', async () => {
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

  it('generates a described load and suggests limits for it', async () => {
    const load = ['--rps', '50', '--clients', '20', '--for', '1m'];
    const { code, out } = await simulate(...load, '--suggest', '1%');
    expect(code).toBe(0);
    expect(out).toMatch(/GET \/users\/\{id\} +│ \d{4} +│ \d{4} /);
    expect(out).toContain('refuse at most 1 % of this');
    expect(out).toMatch(/maxRate: \d+, capacity: \d+, every: '1s'/);
  });

  it('replays a hundred thousand lines within seconds', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) =>
      line(Math.floor(i / 2000), i % 200),
    );
    const begunMs = ownTimeMs();
    const { out } = await simulate(log('large.log', lines));
    expect(out).toContain('100000 requests');
    // Alone it takes half a second.
    expect(ownTimeMs() - begunMs).toBeLessThan(10_000);
  });

  it('says so when there is nothing to replay', async () => {
    const { code, out } = await simulate(log('empty.log', ['', '']));
    expect(code).toBe(0);
    expect(out).toBe('no requests');
  });

  it('fails on a log format it does not know and quotes the first line', async () => {
    const words = log('words.log', ['', 'Server started', 'x']);
    const { code, err } = await simulate(words);
    expect(code).toBe(1);
    expect(err).toContain('words.log: no line is understood as a request');
    expect(err).toContain('The first line is: "Server started"');
  });

  it('asks for timestamps when a log has none, and accepts a rate instead', async () => {
    const tiny = log(
      'tiny.log',
      Array.from({ length: 30 }, () => 'GET /users/1 200 12 - 5.123 ms'),
    );
    const { code, err } = await simulate(tiny);
    expect(code).toBe(1);
    expect(err).toContain('its lines have no time');
    const paced = await simulate(tiny, '--rps', '10', '--json');
    expect(JSON.parse(paced.out)).toMatchObject({ requests: 30, toMs: 2900 });
  });

  it('reports requests that match no route', async () => {
    const file = log('other.log', [
      line(10, 1),
      line(11, 1).replace('/users/1', '/elsewhere?x=1'),
    ]);
    expect((await simulate(file)).out).toContain(
      'warning 1 request matches no route of the configuration and meets no limit but that of the service, such as GET /elsewhere',
    );
  });

  it('does not count the log lines of a request-scoped logger as requests', async () => {
    const limits = log('by-ip.json', [
      '{ "routes": { "GET /a": { "limits": { "clientMaxRate": 3, "clientCapacity": 3, "every": "1m" } } } }',
    ]);
    const own = (id: number, more: object) =>
      JSON.stringify({
        level: 30,
        time: 1791640536000 + id,
        req: {
          id,
          method: 'GET',
          url: '/a',
          headers: {},
          remoteAddress: '::1',
        },
        ...more,
      });
    const file = log(
      'own.log',
      [1, 2].flatMap((id) => [
        own(id, { msg: 'reading' }),
        own(id, { msg: 'priced' }),
        own(id, { msg: 'request completed', res: { statusCode: 200 } }),
      ]),
    );
    const terminal = recordingTerminal();
    await program(['simulate', limits, file, '--json'], () => terminal);
    expect(JSON.parse(terminal.printed[0])).toMatchObject({
      requests: 2,
      refused: 0,
      lines: { noRequest: 4, unreadable: 0 },
    });
  });

  it('prints JSON as its schema describes', async () => {
    const file = log(
      'json.log',
      [1, 2, 3, 4].map((id) => line(10, id)),
    );
    const { out } = await simulate(file, '--json', '--suggest', '1%');
    const printed: unknown = JSON.parse(out);
    expect(OUTPUTS.simulate.parse(printed)).toEqual(printed);
    expect(printed).toMatchObject({
      requests: 4,
      refused: 1,
      refusedShare: 0.25,
      endpoints: [
        {
          endpoint: 'GET /users/{id}',
          refusedBy: { 'all callers': 1 },
          firstRefusedMs: Date.UTC(2026, 9, 10, 13, 55, 10, 750),
          suggested: { requests: 4, refused: 0 },
        },
      ],
      clients: [{ client: '192.0.2.4', refused: 1 }],
    });
  });

  it('reports that it cannot write the chart before it reads any log', async () => {
    const chart = join(folder, 'nowhere', 'chart.svg');
    const { code, err } = await simulate(
      '/nowhere/access.log',
      '--chart',
      chart,
    );
    expect(code).toBe(1);
    expect(err).toBe(`${chart}: no such file`);
  });

  it('prints nothing under --quiet', async () => {
    const file = log('quiet.log', [line(10, 1), 'x']);
    const { out } = await simulate(file, '--quiet');
    expect(out).toMatch(/^1 request from \S+ to \S+, 0 refused \(0 %\)$/);
  });

  it('reads logs from several files, compressed files and standard input, in order of time', async () => {
    const first = log(
      'app.log.1',
      [1, 2, 3].map((second) => line(second, second)),
    );
    const third = log(
      'app.log',
      [7, 8, 9].map((second) => line(second, second)),
    );
    const second = `${first}.gz`;
    writeFileSync(
      second,
      gzipSync([4, 5, 6].map((at) => `${line(at, at)}\n`).join('')),
    );
    const terminal = recordingTerminal(
      [10, 11].map((at) => `${line(at, at)}\n`).join(''),
    );
    await program(
      ['simulate', CONFIGURATION, '-', third, second, first, '--json'],
      () => terminal,
    );
    expect(terminal.complaints).toEqual([]);
    expect(JSON.parse(terminal.printed[0])).toMatchObject({
      requests: 11,
      from: '2026-10-10T13:55:01Z',
      to: '2026-10-10T13:55:11Z',
      refused: 0,
      lines: { outOfOrder: 0 },
    });
  });

  it.each([
    [2, []],
    [2, ['--rps', '0']],
    [2, ['--rps', '5', '--for', '1']],
    [2, ['--rps', '5', '--clients', '1.5']],
    [2, ['--rps', '5', '--endpoint', 'nowhere']],
    [2, ['--rps', '5', '--suggest', '100%']],
    [2, ['--rps', '5', '--framework', 'koa']],
    [2, ['-', '-']],
    [1, ['/nowhere/access.log']],
  ])('exits with %i on %s', async (expected, args) => {
    const { code, err } = await simulate(...args);
    expect(code).toBe(expected);
    expect(err).toMatch(/\w/);
  });
});
