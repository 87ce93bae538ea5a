import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogOptions, LogTally, readLogs } from './log-files.js';
import { TrafficRequest } from './request.js';

const START_MS = Date.UTC(2026, 9, 10, 13, 55);

const jsonLine = (atMs: number, path = '/a') =>
  `{"time":${START_MS + atMs},"method":"GET","path":"${path}","ip":"192.0.2.1"}\n`;

/** What is read from the standard input, which is cut into chunks of a size. */
async function readInput(
  input: string | Buffer,
  options: Partial<LogOptions> = {},
  chunkSize = 65_536,
) {
  const bytes = Buffer.from(input);
  const chunks = [];
  for (let at = 0; at < bytes.length; at += chunkSize) {
    chunks.push(bytes.subarray(at, at + chunkSize));
  }
  const requests: TrafficRequest[] = [];
  const tally: LogTally = await readLogs(['-'], (each) => requests.push(each), {
    stdin: Readable.from(chunks),
    ...options,
  });
  return { requests, tally, timesMs: requests.map((r) => r.atMs - START_MS) };
}

describe('log files', () => {
  it('are merged in order of time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1 }),
        async (times) => {
          const input = times.map((at) => jsonLine(at)).join('');
          const { timesMs, tally } = await readInput(input);
          expect(timesMs).toEqual(times.toSorted((a, b) => a - b));
          expect(tally.late).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('count lines too far out of order to sort, and never turn time back', async () => {
    const times = Array.from({ length: 30_000 }, (_, i) => 1000 * i);
    const input = [...times.slice(100), ...times.slice(0, 100)]
      .map((at) => jsonLine(at))
      .join('');
    const { timesMs, tally } = await readInput(input);
    expect(timesMs).toHaveLength(30_000);
    expect(tally.late).toBe(100);
    expect(timesMs).toEqual(timesMs.toSorted((a, b) => a - b));
  });

  it('are sorted as far as memory allows when the newest line comes first', async () => {
    const times = Array.from({ length: 5000 }, (_, i) => 1000 * (5000 - i));
    const { tally } = await readInput(times.map((at) => jsonLine(at)).join(''));
    expect(tally.late).toBe(0);
  });

  it('spread requests over each second when timestamps have whole seconds', async () => {
    const line =
      '192.0.2.1 - - [10/Oct/2026:13:55:00 +0000] "GET /a HTTP/1.1" 200 1\n';
    const { timesMs } = await readInput(line.repeat(4));
    expect(timesMs).toEqual([0, 250, 500, 750]);
  });

  it('read the same however their bytes are chunked, compressed or not', async () => {
    const input = [1, 2, 3].map((at) => jsonLine(at, '/ä€😀')).join('');
    for (const bytes of [Buffer.from(input), gzipSync(input)]) {
      for (const size of [1, 7, 1000]) {
        const { requests } = await readInput(bytes, {}, size);
        expect(requests.map(({ path }) => path)).toEqual(
          Array.from({ length: 3 }, () => '/ä€😀'),
        );
      }
    }
  });

  it('are read with the byte order marks and line ends of Windows tools', async () => {
    const text = jsonLine(1).replace('\n', '\r\n').repeat(2);
    const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le');
    for (const bytes of [utf16, Buffer.from(`\uFEFF${text}`)]) {
      expect((await readInput(bytes)).requests).toHaveLength(2);
    }
  });

  it('report progress in bytes on disk, also when compressed', async () => {
    const packed = gzipSync(jsonLine(1).repeat(1000));
    let bytes = 0;
    await readInput(packed, { onBytes: (some) => (bytes += some) }, 20);
    expect(bytes).toBe(packed.length);
  });

  it('may contain a line of any length', async () => {
    const endless = `{"time":1,"path":"${'x'.repeat(3_000_000)}`;
    const { requests, tally } = await readInput(
      `${jsonLine(1)}${endless}\n${jsonLine(2)}`,
    );
    expect(requests).toHaveLength(2);
    expect(tally).toMatchObject({
      unreadable: 1,
      firstUnreadable: { at: 'standard input, line 2' },
    });
  });

  it.each([
    ['Server started\n', /no line is understood.*"Server started"/],
    ['\n\n\u0000\u0001\n', /first line is: "\\u0000\\u0001"/],
    ['GET /a 200 12 - 5.123 ms\n', /have no time/],
    [Buffer.from([0x1f, 0x8b, 1, 2, 3]), /^standard input: /],
    [gzipSync('x\n'.repeat(99)).subarray(0, 24), /unexpected end of file/],
    [Buffer.from('BZh91AY&SY'), /packed with bzip2; unpack it first/],
  ])('are rejected with one sentence: %j', async (input, sentence) => {
    await expect(readInput(input)).rejects.toThrow(sentence);
  });

  it('are reported once when missing', async () => {
    const reading = readLogs(['/nowhere.log'], () => {}, {
      stdin: Readable.from([]),
    });
    await expect(reading).rejects.toThrow(/^\/nowhere\.log: no such file$/);
  });
});
