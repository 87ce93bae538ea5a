import {
  answer,
  closeAfter,
  fail,
  garbage,
  raw,
  resetAfter,
} from '../../../../support/backend-behaviours.js';
import { refusedUrl } from '../../../../support/faulty-upstream.js';
import { brokenAnswer, overUndici } from '../differences.js';
import { readCase } from '../../../../support/parity.js';
import type { ParityCase } from '../../../../support/parity.js';

const twoLengths = overUndici(
  'A response with two lengths, or with a length and chunks',
  { got: { thrown: { code: 'ECONNRESET' } } },
);

const noStatus = overUndici('A status of 101, or below 100', {
  got: { thrown: { code: 'HPE_INTERNAL' } },
});

/** A `validateStatus` that throws, of which axios makes an error of its own where the body is a stream. */
const brokenHook = {
  responseType: 'stream',
  validateStatus: () => {
    throw new RangeError('no such status');
  },
};

const stream = { responseType: 'stream' };
const head = (...fields: string[]) =>
  raw(['HTTP/1.1 200 OK', ...fields, '', 'body'].join('\r\n'));

/** Whether the stack of an error leads back to the function that made the call. */
async function stackOf(sending: () => Promise<unknown>): Promise<unknown> {
  const { stack = '' } = (await sending().catch((error) => error)) as Error;
  return stack.includes('askForPrices');
}

/** How calls fail that get no whole answer. */
export const failures: readonly ParityCase[] = [
  readCase('fails where the connection is cut before an answer', resetAfter(0)),
  readCase(
    'fails where the connection closes before an answer',
    ({ socket }) => {
      socket.end();
    },
  ),
  readCase('fails where the connection is cut within a body', resetAfter(5)),
  readCase(
    'fails where the connection closes within a body',
    closeAfter(5),
    {},
    { differs: brokenAnswer },
  ),
  readCase('fails in a stream that is cut', resetAfter(5), stream),
  readCase('fails in a stream that closes early', closeAfter(5), stream),
  readCase(
    'fails where a body in chunks is cut',
    ({ response, socket }) => {
      response.writeHead(200);
      response.write('some', () => socket.end());
    },
    {},
    { differs: brokenAnswer },
  ),
  readCase(
    'fails where a body in chunks is cut, of a status that is not taken',
    ({ response, socket }) => {
      response.writeHead(500);
      response.write('some', () => socket.end());
    },
    {},
    { differs: brokenAnswer },
  ),
  readCase(
    'fails where the connection closes within a header',
    ({ socket }) => {
      socket.end('HTTP/1.1 200 OK\r\nConte');
    },
  ),
  readCase('fails on what is not HTTP', garbage()),
  readCase('fails on a length that is none', head('content-length: many')),
  readCase(
    'fails on two lengths',
    head('content-length: 4', 'content-length: 5'),
    {},
    { differs: twoLengths },
  ),
  readCase(
    'fails on a length and chunks',
    head('content-length: 4', 'transfer-encoding: chunked'),
    {},
    { differs: twoLengths },
  ),
  readCase('fails on chunks that are none', head('transfer-encoding: chunked')),
  readCase('fails on a field without a colon', head('content-length 4')),
  readCase(
    'fails on a line break in a field',
    head('x-a: b\rc', 'content-length: 4'),
  ),
  readCase(
    'fails on headers that are too long',
    head(`x-a: ${'x'.repeat(40_000)}`, 'content-length: 4'),
  ),
  readCase(
    'passes over a 100 that nobody asked for',
    raw(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    ),
    {},
    {
      differs: overUndici('An unsolicited `100 Continue`', {
        got: { thrown: { code: 'ECONNRESET' } },
      }),
    },
  ),
  {
    name: 'fails where nobody listens',
    send: (client) => client.get('/x', { baseURL: refusedUrl }),
  },
  {
    name: 'refuses a URL that is none',
    send: (client) => client.get('http://[::1', { baseURL: undefined }),
    differs: () => ({
      row: 'An invalid URL',
      instead: {
        got: { thrown: { isAxiosError: true, code: 'ERR_INVALID_URL' } },
      },
    }),
  },
  {
    name: 'goes wherever a URL leads',
    send: (client, { elsewhere }) => client.get(`${elsewhere.url}/x`),
    options: { allowOtherOrigins: false },
    differs: () => ({
      row: 'A URL, `baseURL` or redirect that leaves the hosts of a backend',
      instead: { arrived: [], got: { thrown: { isAxiosError: true } } },
    }),
  },
  {
    name: 'refuses a scheme that it does not speak',
    send: (client) => client.get('ftp://127.0.0.1/x'),
  },
  {
    name: 'reads a data URL as text',
    send: (client) => client.get('data:text/plain;base64,aGVsbG8='),
  },
  {
    name: 'reads a data URL as bytes',
    send: (client) =>
      client.get('data:text/plain;base64,aGVsbG8=', {
        responseType: 'arraybuffer',
      }),
  },
  {
    name: 'reads a data URL as a blob',
    send: (client) =>
      client.get('data:text/plain;base64,aGVsbG8=', { responseType: 'blob' }),
  },
  {
    name: 'reads a data URL as a stream',
    send: (client) =>
      client.get('data:text/plain;base64,aGVsbG8=', { responseType: 'stream' }),
  },
  {
    name: 'keeps the stack of the caller in the error of a status',
    serve: ({ upstream }) => upstream.on('/x', fail(400)),
    send: (client) =>
      stackOf(async function askForPrices() {
        await client.get('/x');
      }),
  },
  {
    name: 'keeps the stack of the caller in the error of an interceptor',
    send: (client) => {
      client.interceptors.request.use(() => {
        throw new Error('an interceptor failed');
      });
      return stackOf(async function askForPrices() {
        await client.get('/x');
      });
    },
  },
  {
    name: 'fails with what an interceptor throws',
    send: (client) => {
      client.interceptors.response.use(() => {
        throw new TypeError('not as it should be');
      });
      return client.get('/x');
    },
  },
  {
    ...readCase('rejects with its own error', resetAfter(0)),
    thrownAsIs: true,
    differs: () => ({
      row: 'The error of a call without a complete response',
      instead: { got: { thrown: { isAxiosError: false } } },
    }),
  },
  readCase(
    'takes a change of protocol that nobody asked for as an answer',
    raw('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    {},
    { differs: noStatus },
  ),
  readCase(
    'takes a status of 0 as one',
    raw('HTTP/1.1 000 Nothing\r\ncontent-length: 0\r\n\r\n'),
    {},
    { differs: noStatus },
  ),
  readCase(
    'fails where an answer of 204 brings a body',
    raw('HTTP/1.1 204 No Content\r\ncontent-length: 4\r\n\r\nbody'),
    {},
    {
      differs: overUndici('A body where none is allowed', {
        got: { thrown: { code: 'ERR_BAD_RESPONSE' } },
      }),
    },
  ),
  {
    name: 'fails where an answer to HEAD brings a body',
    serve: ({ upstream }) =>
      upstream.on(
        '/x',
        raw('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody'),
      ),
    send: (client) => client.head('/x'),
    differs: overUndici('A body where none is allowed', {
      got: { status: 200, data: '' },
    }),
  },
  readCase(
    'fails where the answer is to be in an encoding that there is not',
    answer('text'),
    { responseEncoding: 'bogus' },
  ),
  readCase('fails where validateStatus throws', answer(), brokenHook, {
    differs: () => ({
      row: 'A `validateStatus` that throws',
      instead: { got: { thrown: { name: 'RangeError', code: undefined } } },
    }),
  }),
];
