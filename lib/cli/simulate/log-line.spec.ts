import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLogLine } from './log-line.js';

const atMs = Date.UTC(2026, 9, 10, 13, 55, 36);

describe('a line of an access log', () => {
  it.each([
    [
      'common',
      '192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET /a?b=1 HTTP/1.1" 200 12',
    ],
    [
      'common, in another zone',
      '192.0.2.1 - ann [10/Oct/2026:19:25:36 +0530] "GET /a HTTP/1.1" 200 12',
    ],
    [
      'combined',
      '192.0.2.1 - - [10/Oct/2026:06:55:36 -0700] "GET /a HTTP/1.0" 304 - "http://x/" "curl/8"',
    ],
    [
      'JSON',
      '{"time":"2026-10-10T13:55:36Z","method":"get","path":"/a","ip":"192.0.2.1"}',
    ],
    [
      'JSON of nginx',
      '{"msec":"1791640536.000","request":"GET /a?x HTTP/1.1","remote_addr":"192.0.2.1"}',
    ],
    [
      'JSON of pino',
      '{"level":30,"time":1791640536000,"req":{"method":"GET","url":"/a#x","remoteAddress":"192.0.2.1"}}',
    ],
    [
      'JSON with a whole URL',
      '{"ts":1791640536,"method":"GET","url":"https://shop/a","client_ip":"192.0.2.1"}',
    ],
  ])('is read: %s', (_, line) => {
    expect(readLogLine(line)).toMatchObject({
      atMs,
      method: 'GET',
      path: '/a',
      address: '192.0.2.1',
    });
  });

  it('has the headers that JSON names', () => {
    const line =
      '{"time":1791640536000,"method":"GET","path":"/","headers":{"X-User":"ann"}}';
    expect(readLogLine(line)?.header?.('x-user')).toBe('ann');
    expect(readLogLine(line)?.header?.('x-other')).toBe('');
    const flat = line.replace('"headers":{', '').replace('}}', '}');
    expect(readLogLine(flat)?.header?.('x-user')).toBe('ann');
    expect(readLogLine(flat)?.header?.('x-other')).toBeUndefined();
  });

  it.each([
    '',
    'words',
    '{',
    '{}',
    'null',
    '{"time":"?","method":"GET","path":"/"}',
    '1.2.3.4 - - [10/Foo/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 1',
  ])('that is none is told apart: %s', (line) =>
    expect(readLogLine(line)).toBeUndefined(),
  );

  it('never breaks the reader', () => {
    const hostile = ['time', 'request', 'ip'].map(
      (field) => `{"time":1,"path":"/a","${field}":[{"toString":""}]}`,
    );
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((j) => `{"time":${j},"method":${j},"path":${j}}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const request = readLogLine(text);
        expect(request === undefined || Number.isFinite(request.atMs)).toBe(
          true,
        );
      }),
      { numRuns: 1000, examples: hostile.map((text) => [text]) },
    );
  });
});
