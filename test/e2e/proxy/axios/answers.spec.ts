import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
} from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { expectAsAxios } from '../../../support/axios-parity.js';
import type { Use } from '../../../support/axios-parity.js';
import { answer, fail, huge } from '../../../support/backend-behaviours.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';
import { callOver, transports } from '../../../support/backend-under-test.js';

const BODY = JSON.stringify({ text: 'größe' });
const get: Use = (client) => client.get('/');
const taken =
  (config: object): Use =>
  (client) =>
    client.get('/', config);
const encoded = (encoding: string, bytes: Buffer): Behaviour =>
  answer(bytes, 200, { 'content-encoding': encoding });

const gzip = encoded('gzip', gzipSync(BODY));
const csv = answer('a,b', 200, {
  'content-type': 'text/csv',
  'set-cookie': 'a=1',
});

const cases: Record<string, readonly [Use, Behaviour]> = {
  JSON: [get, answer({ a: [1, null] })],
  'JSON with a byte order mark': [get, answer(`\ufeff${BODY}`)],
  'what only looks like JSON': [get, answer('{"a":')],
  'what only looks like JSON, asked for as JSON': [
    taken({ responseType: 'json' }),
    answer('{"a":'),
  ],
  'broken JSON that must not pass': [
    taken({ responseType: 'json', transitional: { silentJSONParsing: false } }),
    answer('{"a":'),
  ],
  'text that is JSON': [taken({ responseType: 'text' }), answer(BODY)],
  'a number as text': [get, answer('42')],
  bytes: [taken({ responseType: 'arraybuffer' }), answer(BODY)],
  'a stream': [taken({ responseType: 'stream' }), answer(BODY)],
  'another encoding of text': [
    taken({ responseEncoding: 'latin1', responseType: 'text' }),
    answer(Buffer.from('größe', 'latin1')),
  ],
  nothing: [get, answer('', 204)],
  'the head alone': [(client) => client.head('/'), answer(BODY)],
  'fields of its own': [get, csv],
  gzip: [get, gzip],
  deflate: [get, encoded('deflate', deflateSync(BODY))],
  'deflate without its header': [get, encoded('deflate', deflateRawSync(BODY))],
  brotli: [get, encoded('br', brotliCompressSync(BODY))],
  'an encoding that nobody knows': [get, encoded('rot13', Buffer.from(BODY))],
  'gzip as bytes': [taken({ responseType: 'arraybuffer' }), gzip],
  'gzip as a stream': [taken({ responseType: 'stream' }), gzip],
  'brotli as a stream': [
    taken({ responseType: 'stream' }),
    encoded('br', brotliCompressSync(BODY)),
  ],
  'gzip that is left alone': [
    taken({ decompress: false, responseType: 'arraybuffer' }),
    gzip,
  ],
  'gzip without a body': [(client) => client.head('/'), gzip],
  'what transformResponse makes of it': [
    taken({
      transformResponse: [
        (data: string, _: unknown, status: number) => `${status} ${data}`,
        (data: string) => data.length,
      ],
    }),
    answer(BODY),
  ],
  'what a transform after JSON makes of it': [
    (client) =>
      client.get('/', {
        transformResponse: [
          ...[client.defaults.transformResponse!].flat(),
          (data: { text: string }) => data.text,
        ],
      }),
    answer(BODY),
  ],
  'a status that is an error': [get, fail(404)],
  "a status that is the server's fault": [get, fail(500)],
  'an error with text': [get, answer('no', 418)],
  'an error as a stream': [
    taken({ responseType: 'stream' }),
    answer('no', 418),
  ],
  'every status taken': [taken({ validateStatus: null }), fail(503)],
  'some statuses taken': [
    taken({ validateStatus: (status: number) => status === 404 }),
    fail(404),
  ],
  'a good status not taken': [
    taken({ validateStatus: (status: number) => status === 404 }),
    answer(),
  ],
  'a body at its longest': [taken({ maxContentLength: 100 }), huge(100)],
  'a body that is too long': [taken({ maxContentLength: 100 }), huge(200)],
  'a body that is too long once it is unpacked': [
    taken({ maxContentLength: 500 }),
    encoded('gzip', gzipSync('a'.repeat(5000))),
  ],
};

const unsent: Record<string, Use> = {
  'a body that is too long to be sent': (client) =>
    client.post('/', 'too long', { maxBodyLength: 3 }),
  'a protocol that is none': (client) => client.get('mailto://a'),
  'parameters that cannot be written': (client) =>
    client.get('/', {
      params: { a: 1 },
      paramsSerializer: {
        serialize: () => {
          throw new Error('no');
        },
      },
    }),
  'a request that a transform throws away': (client) =>
    client.post(
      '/',
      {},
      {
        transformRequest: () => {
          throw new TypeError('no');
        },
      },
    ),
};

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('returns the same answer as axios:', () => {
    it.each(Object.keys(cases))('%s', async (name) => {
      const [use, behaviour] = cases[name];
      const { sent } = await expectAsAxios(use, behaviour);
      expect(sent).toHaveLength(1);
    });
  });

  describe('fails like axios before it sends:', () => {
    it.each(Object.keys(unsent))('%s', async (name) => {
      const { sent } = await expectAsAxios(unsent[name]);
      expect(sent).toHaveLength(0);
    });
  });
});
