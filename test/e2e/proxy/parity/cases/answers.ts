import {
  answer,
  fail,
  huge,
  raw,
} from '../../../../support/backend-behaviours.js';
import { codeBelow400 } from '../differences.js';
import { readCase } from '../../../../support/parity.js';
import type { ParityCase } from '../../../../support/parity.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const whole = (head: string, body = '') =>
  raw(`HTTP/1.1 ${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
const lines = (...all: string[]) => all.join('\r\n');

/** What of an answer its caller sees. */
export const answers: readonly ParityCase[] = [
  readCase('reads JSON', answer({ a: [1, 'ä'] })),
  readCase(
    'reads JSON after a byte order mark',
    answer(Buffer.from('\ufeff{"a":1}')),
  ),
  readCase('leaves what is no JSON as text', answer('{"a":')),
  readCase('fails on what is no JSON where it is told to', answer('{"a":'), {
    responseType: 'json',
    transitional: { silentJSONParsing: false },
  }),
  readCase('reads text as UTF-8', answer('grün ☃'), { responseType: 'text' }),
  readCase('reads text as it is told', answer(bytes('gr\xfcn')), {
    responseType: 'text',
    responseEncoding: 'latin1',
  }),
  readCase('gives bytes', answer(bytes('\x00\xff')), {
    responseType: 'arraybuffer',
  }),
  readCase('gives a stream', huge(100_000), { responseType: 'stream' }),
  readCase('gives the stream of a status that is not taken', fail(500), {
    responseType: 'stream',
  }),
  readCase('reads no body', whole('200 OK')),
  readCase(
    'reads a status without content',
    raw('HTTP/1.1 204 No Content\r\n\r\n'),
  ),
  readCase(
    'reads a status that has no body',
    raw('HTTP/1.1 304 Not Modified\r\netag: "x"\r\n\r\n'),
    {},
    { differs: codeBelow400 },
  ),
  readCase(
    'reads a body in chunks',
    raw(
      lines(
        'HTTP/1.1 200 OK',
        'transfer-encoding: chunked',
        '',
        '3',
        'abc',
        '2',
        'de',
        '0',
        '',
        '',
      ),
    ),
  ),
  readCase('reads a body that ends with the connection', ({ socket }) => {
    socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end');
  }),
  readCase('tells the text of a status', whole('299 Quite Good')),
  readCase('tells no text where there is none', whole('200 ')),
  readCase('fails with the answer of a status that is not taken', fail(404)),
  readCase('fails with the answer of an error of the server', fail(503)),
  readCase('takes every status where nobody validates', fail(500), {
    validateStatus: null,
  }),
  readCase('takes what the caller takes', fail(404), {
    validateStatus: (status: number) => status < 500,
  }),
  readCase(
    'joins fields that come several times',
    whole(lines('200 OK', 'x-a: 1', 'X-A: 2', 'vary: a', 'vary: b')),
  ),
  readCase(
    'keeps the first of fields that come once',
    whole(
      lines(
        '200 OK',
        'content-type: text/a',
        'content-type: text/b',
        'etag: "1"',
        'etag: "2"',
      ),
    ),
  ),
  readCase(
    'lists cookies, one or many',
    whole(lines('200 OK', 'set-cookie: a=1')),
  ),
  readCase(
    'lists several cookies',
    whole(lines('200 OK', 'set-cookie: a=1; Path=/', 'set-cookie: b=2')),
  ),
  readCase('reads fields as Latin-1', ({ socket }) => {
    socket.write(
      bytes('HTTP/1.1 200 OK\r\nx-a: gr\xfcn\r\ncontent-length: 0\r\n\r\n'),
    );
  }),
  readCase('reads empty fields', whole(lines('200 OK', 'x-empty:'))),
  readCase(
    'reads a field by the name of a prototype',
    whole(lines('200 OK', '__proto__: x', 'constructor: y')),
  ),
  {
    ...readCase(
      'reads the fields of an answer to HEAD',
      raw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\nx-a: 1\r\n\r\n'),
    ),
    send: (client) => client.head('/x'),
  },
  readCase(
    'passes over early hints',
    raw(
      `${'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(22)}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok`,
    ),
  ),
  readCase('takes an answer as long as it may be', answer('body'), {
    maxContentLength: 4,
  }),
  readCase('refuses an answer that is too long', answer('body'), {
    maxContentLength: 3,
  }),
  readCase(
    'bounds a stream, since 1.13',
    answer('body'),
    { maxContentLength: 3, responseType: 'stream' },
    {
      differs: ({ minor }) =>
        minor < 13
          ? {
              row: '`maxContentLength` bounds a stream',
              instead: {
                got: {
                  data: { streamed: { thrown: { code: 'ERR_BAD_RESPONSE' } } },
                },
              },
            }
          : undefined,
    },
  ),
  readCase(
    'takes an answer of any length',
    answer('body'),
    {},
    {
      options: { maxContentLength: 3 },
      differs: () => ({
        row: 'The length of a response',
        instead: { got: { thrown: { code: 'ERR_BAD_RESPONSE' } } },
      }),
    },
  ),
  readCase(
    'takes long headers',
    whole(`200 OK\r\nx-long: ${'x'.repeat(10_000)}`),
  ),
  {
    name: 'tells how a download comes on',
    serve: ({ upstream }) => upstream.on('/x', huge(100_000)),
    send: async (client) => {
      let seen: unknown;
      await client.get('/x', {
        onDownloadProgress: ({ loaded, total }) => {
          seen = { loaded, total };
        },
      });
      return seen;
    },
  },
  readCase('bounds the rate of a download', answer('x'.repeat(1000)), {
    maxRate: [100_000, 100_000],
  }),
  {
    name: 'tells where an answer came from',
    send: async (client) => {
      const { request } = await client.get('/x?a=1');
      const { method, path, protocol, res } = request;
      return { method, path, protocol, responseUrl: res.responseUrl };
    },
  },
];
