import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { globSync } from 'tinyglobby';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { program } from '../../lib/cli/program.js';
import { processTerminal } from '../../lib/cli/terminal.js';
import { ThrottleConfigError } from '../../lib/config/fault.js';
import { Findings } from '../../lib/config/findings.js';
import { policiesText } from '../../lib/explain/policies-text.js';
import { fromKrakend } from '../../lib/krakend/from-krakend.js';
import { parseText } from '../../lib/krakend/source/parse-text.js';
import { WatchedFile } from '../../lib/reload/watched-file.js';
import { loggable } from '../../lib/config/format/text.js';
import { BoundedLog } from '../../lib/router/audit/bounded-log.js';
import { OutageLog } from '../../lib/stores/redis/outage/outage-log.js';

/** A line of its own, colours, a title of the window, a turned direction, an end of a text, and blanks that nobody sees. */
const HOSTILE =
  'a\nFORGED \r\nFORGED\u2028FORGED\u0085FORGED \u001b[31m\u001b]0;x\u0007\u009b2J\u202E\u2066\0\u200B\uFEFF\u{E0041}"\\';
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Whether a stranger could have written a line of it, or done anything to the screen. */
function isForged(text: string): boolean {
  const isLine = (line: string) => line.trimStart().startsWith('FORGED');
  return text === '' || UNSEEN.test(text) || text.split('\n').some(isLine);
}

function expectOurs(text: string): void {
  expect(isForged(text) ? text : '').toBe('');
}

const lines: string[] = [];
class HeardLines {
  log(...said: unknown[]) {
    lines.push(String(said[0]));
  }
  warn = this.log;
  error = this.log;
  debug = this.log;
  verbose = this.log;
}

let folder: string;
beforeEach(() => {
  lines.length = 0;
  Logger.overrideLogger(new HeardLines());
  folder = mkdtempSync(join(tmpdir(), 'floodgate-text-'));
});
afterEach(() => {
  Logger.overrideLogger(new Logger());
  rmSync(folder, { recursive: true, force: true });
});

describe('what strangers wrote forges no line and does nothing to a screen', () => {
  it('in the log of outages', () => {
    const log = new OutageLog('local', 'floodgate');
    for (let i = 0; i < 5; i++) {
      log.tell(HOSTILE, HOSTILE);
      log.tell(HOSTILE, undefined);
    }
    log.close();
    expect(lines.length).toBeGreaterThan(3);
    lines.forEach(expectOneLine);
  });

  it('in findings', () => {
    const finding = { path: HOSTILE, sentence: HOSTILE, fix: HOSTILE };
    new Findings(new Set()).add({ code: 'too-many-limits', ...finding });
    lines.forEach(expectOneLine);
  });

  it('in what is told about a request', () => {
    const log = new BoundedLog(() => 0);
    log.warn(HOSTILE, () => `a limit failed: ${HOSTILE}`);
    lines.forEach(expectOneLine);
    expectOneLine(loggable(new Error(HOSTILE)));
    expectOneLine(loggable(HOSTILE));
  });

  it('in the faults of a configuration', () => {
    const fault = { path: HOSTILE, found: HOSTILE, allowed: HOSTILE };
    const { message } = new ThrottleConfigError([
      fault,
      { ...fault, isSentence: true },
    ]);
    expectOurs(message);
    // One for each, between what it is about and where to read on.
    expect(message.split('\n')).toHaveLength(4);
  });

  it('in what a watched file says', async () => {
    const file = join(folder, 'limits.yaml');
    writeFileSync(file, 'a');
    const watched = new WatchedFile(
      file,
      (text) => {
        if (text !== 'a') throw new Error(text);
      },
      5,
    );
    await watched.open();
    writeFileSync(file, HOSTILE);
    await expect.poll(() => lines).toHaveLength(1);
    watched.close();
    lines.forEach(expectOneLine);
  });

  it.each(['json', 'yaml', 'conf'])('in a text that is no %s', (ending) => {
    const said: string[] = [];
    const texts = [
      HOSTILE,
      `{"${HOSTILE}"`,
      JSON.stringify({ [HOSTILE]: HOSTILE }),
      `{"a":1, ${HOSTILE} }`,
      `${JSON.stringify(HOSTILE)}: [1\n`,
      `{{ .${HOSTILE} }}`,
    ];
    for (const text of texts) {
      said.push(
        messageOf(() =>
          fromKrakend(parseText(text, `${HOSTILE}.${ending}`) as object),
        ),
      );
    }
    expect(said.filter(isForged)).toEqual([]);
  });

  it('in the findings on a KrakenD file, whichever of its texts and names are hostile', () => {
    const said: string[] = [];
    for (const file of KRAKEND_FILES) {
      const { findings } = fromKrakend(hostileIn(read(file)));
      for (const finding of findings) {
        for (const text of Object.values(finding).flat())
          said.push(String(text).replaceAll('\n', '\nFORGED'));
      }
    }
    expect(said.filter(isForged)).toEqual([]);
  });

  it('in the text of policies', () => {
    const text = policiesText({
      routes: [{ at: [HOSTILE], handler: HOSTILE, limits: [], timeoutMs: 1 }],
      backends: [],
    } as unknown as Parameters<typeof policiesText>[0]);
    expectOurs(text);
    expect(text.split('\n')).toHaveLength(4);
  });

  it.each([false, true])(
    'in what the command prints about files (with colours: %s)',
    async (isTTY) => {
      const said: string[] = [];
      for (const [i, file] of KRAKEND_FILES.entries()) {
        const hostile = join(folder, `${i}.json`);
        writeFileSync(hostile, JSON.stringify(hostileIn(read(file))));
        const whole = join(folder, `${i}-whole.json`);
        writeFileSync(whole, JSON.stringify(hostileIn(read(file), false)));
        for (const path of [hostile, whole]) {
          said.push(await run(isTTY, 'check', path));
          said.push(await run(isTTY, 'check', '--json', path));
          said.push(await run(isTTY, 'convert', path));
        }
      }
      said.push(
        await run(isTTY, 'check', `${folder}/${HOSTILE.replaceAll('\0', '')}`),
      );
      said.push(await run(isTTY, HOSTILE));
      expect(said.filter(isForged)).toEqual([]);
    },
  );

  it.each([false, true])(
    'in what the command prints about logs (with colours: %s)',
    async (isTTY) => {
      const said: string[] = [];
      const limits = join(folder, 'limits.json');
      const limit = {
        clientMaxRate: 1,
        clientCapacity: 1,
        strategy: 'header',
        key: 'x-key',
      };
      writeFileSync(
        limits,
        JSON.stringify({ routes: { 'GET /a': { limits: [limit] } } }),
      );
      const log = join(folder, 'access.log');
      const entry = (url: string) => ({
        time: 1_789_000_000_000,
        req: {
          method: 'GET',
          url,
          remoteAddress: HOSTILE,
          headers: { 'x-key': HOSTILE },
        },
        res: {},
      });
      writeFileSync(
        log,
        [
          ...[1, 2, 3].map(() => JSON.stringify(entry('/a'))),
          JSON.stringify(entry(`/${HOSTILE}`)),
          `203.0.113.1 - - [01/Jan/2026:00:00:00 +0000] "GET /${HOSTILE.replaceAll(/[\n\r]/g, '')} HTTP/1.1" 200 1`,
          'FORGED \u001b[31m\u202E',
        ].join('\n'),
      );
      for (const more of [[], ['--json'], ['--suggest']]) {
        said.push(await run(isTTY, 'simulate', limits, log, ...more));
      }
      expect(said.filter(isForged)).toEqual([]);
    },
  );

  it('wherever a line of the log is written', () => {
    // A new place belongs into a test above.
    const places = globSync('lib/**/*.ts', { cwd: ROOT })
      .filter((file) => !/\.(?:spec|fixture)\.ts$|lib\/proxy\//.test(file))
      .flatMap((file) =>
        [
          ...readFileSync(join(ROOT, file), 'utf8').matchAll(
            /^(?! *\*).*logger\.(?:log|warn|error|debug|verbose|fatal)\(/gm,
          ),
        ].map(() => file),
      )
      .toSorted();
    expect(places).toEqual([
      'lib/config/findings.ts',
      'lib/reload/watched-file.ts',
      'lib/router/audit/bounded-log.ts',
      'lib/stores/redis/outage/outage-log.ts',
      'lib/stores/redis/outage/outage-log.ts',
      'lib/stores/redis/outage/outage-log.ts',
      'lib/throttle.service.ts',
    ]);
  });
});

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KRAKEND_FILES = globSync('test/krakend-files/*.json', {
  cwd: ROOT,
  absolute: true,
});

function read(file: string): object {
  return JSON.parse(readFileSync(file, 'utf8')) as object;
}

/** The same with hostile texts in every place, one unknown key in each object, and hostile names where names are free. */
function hostileIn(value: object, alsoTexts = true): object {
  const changed = (item: unknown, key: string): unknown => {
    if (Array.isArray(item)) return item.map((one) => changed(one, key));
    if (typeof item === 'object' && item !== null) {
      const entries = Object.entries(item).map(([name, inner]) => [
        name,
        changed(inner, name),
      ]);
      return Object.fromEntries([...entries, [HOSTILE, HOSTILE]]) as object;
    }
    if (typeof item !== 'string') return item;
    if (key === 'endpoint' || key === 'url_pattern')
      return `${item}/${HOSTILE}`;
    return alsoTexts ? item + HOSTILE : item;
  };
  return changed(value, '') as object;
}

function expectOneLine(text: string): void {
  expectOurs(text);
  expect(text).not.toContain('\n');
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no fault';
}

/** Everything that a command line writes, without the colours that it has itself. */
async function run(isTTY: boolean, ...args: string[]): Promise<string> {
  let text = '';
  const stream = { isTTY, write: (part: string) => void (text += part) };
  const streams = {
    stdin: Readable.from([]),
    stdout: stream,
    stderr: { ...stream, isTTY: false },
    env: {},
  } as unknown as NodeJS.Process;
  await program(args, (isQuiet) => processTerminal(streams, isQuiet));
  const escape = String.fromCharCode(0x1b);
  const colours = new RegExp(`${escape}\\[(?:1|22|33|36|39|31)m`, 'g');
  return isTTY ? text.replaceAll(colours, '') : text;
}
