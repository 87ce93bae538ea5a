import { promisify } from 'node:util';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
} from 'node:zlib';
import type { Behaviour } from '../../../../support/backend-behaviours.js';
import { brokenAnswer, codeBelow400 } from '../differences.js';
import { readCase } from '../../../../support/parity.js';
import type { ParityCase } from '../../../../support/parity.js';

const TEXT = 'the same words again and again '.repeat(50);

const kinds: Record<string, [encoding: string, bytes: Buffer]> = {
  gzip: ['gzip', gzipSync(TEXT)],
  'x-gzip': ['x-gzip', gzipSync(TEXT)],
  compress: ['compress', gzipSync(TEXT)],
  deflate: ['deflate', deflateSync(TEXT)],
  'deflate without its header': ['deflate', deflateRawSync(TEXT)],
  brotli: ['br', brotliCompressSync(TEXT)],
  'gzip in capitals': ['GZIP', gzipSync(TEXT)],
  'gzip of two parts': [
    'gzip',
    Buffer.concat([gzipSync('one '), gzipSync('two')]),
  ],
};

const pause = promisify(setImmediate);

/** Answers with a body that says it is encoded, whole or in chunks. */
function encoded(
  encoding: string,
  body: Buffer,
  { status = 200, isChunked = false } = {},
): Behaviour {
  return async ({ response }) => {
    const length = isChunked ? {} : { 'content-length': body.length };
    response.writeHead(status, { 'content-encoding': encoding, ...length });
    if (!isChunked) {
      response.end(body);
      return;
    }
    for (let at = 0; at < body.length; at += 7) {
      response.write(body.subarray(at, at + 7));
      await pause();
    }
    response.end();
  };
}

const none = Buffer.alloc(0);
const stream = { responseType: 'stream' };

/** How encoded bodies are read. */
export const compression: readonly ParityCase[] = [
  ...Object.entries(kinds).flatMap(([name, [encoding, body]]) => [
    readCase(`decodes ${name}`, encoded(encoding, body)),
    readCase(
      `decodes ${name} in chunks`,
      encoded(encoding, body, { isChunked: true }),
    ),
    readCase(`decodes a stream of ${name}`, encoded(encoding, body), stream),
    readCase(`gives bytes of ${name}`, encoded(encoding, body), {
      responseType: 'arraybuffer',
    }),
    readCase(`reads nothing of ${name}`, encoded(encoding, none)),
    readCase(
      `reads nothing of ${name}, in no chunks`,
      encoded(encoding, none, { isChunked: true }),
    ),
    readCase(`streams nothing of ${name}`, encoded(encoding, none), stream),
    readCase(
      `fails on ${name} that is none`,
      encoded(encoding, Buffer.from('no such thing')),
      {},
      { differs: brokenAnswer },
    ),
    readCase(
      `reads what there is of ${name} without its end`,
      encoded(encoding, body.subarray(0, body.length - 4)),
    ),
  ]),
  readCase(
    'fails in a stream that is no gzip',
    encoded('gzip', Buffer.from('no such thing')),
    stream,
  ),
  readCase(
    'leaves a body encoded where it is told to',
    encoded('gzip', kinds.gzip[1]),
    {
      decompress: false,
      responseType: 'arraybuffer',
    },
  ),
  readCase(
    'leaves what it cannot decode',
    encoded('own', Buffer.from('as it is')),
  ),
  readCase(
    'leaves several encodings',
    encoded('gzip, br', Buffer.from('as it is')),
  ),
  readCase('has no body to decode with a 204', ({ socket }) => {
    socket.write('HTTP/1.1 204 No Content\r\ncontent-encoding: gzip\r\n\r\n');
  }),
  readCase(
    'has no body to decode with a 304',
    ({ socket }) => {
      socket.write(
        'HTTP/1.1 304 Not Modified\r\ncontent-encoding: gzip\r\n\r\n',
      );
    },
    {},
    { differs: codeBelow400 },
  ),
  {
    ...readCase('has no body to decode with HEAD', ({ socket }) => {
      socket.write(
        'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 20\r\n\r\n',
      );
    }),
    send: (client) => client.head('/x'),
  },
  readCase(
    'decodes the answer of a status that is not taken',
    encoded('gzip', kinds.gzip[1], { status: 500 }),
  ),
  readCase(
    'takes a body that is short enough decoded',
    encoded('gzip', kinds.gzip[1]),
    { maxContentLength: TEXT.length },
  ),
  readCase(
    'refuses a body that is too long decoded',
    encoded('gzip', kinds.gzip[1]),
    { maxContentLength: TEXT.length - 1 },
  ),
];
