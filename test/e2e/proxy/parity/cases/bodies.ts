import { Readable } from 'node:stream';
import axios from 'axios';
import FormData from 'form-data';
import { redirect } from '../../../../support/backend-behaviours.js';
import type { ParityCase } from '../../../../support/parity.js';

const post = (
  name: string,
  data: () => unknown,
  config: object = {},
): ParityCase => ({
  name,
  send: (client) => client.post('/x', data(), config),
});

function spokenForm(): globalThis.FormData {
  const form = new globalThis.FormData();
  form.append('name', 'Ann');
  form.append('file', new Blob(['hello'], { type: 'text/plain' }), 'a.txt');
  return form;
}

function packagedForm(): FormData {
  const form = new FormData();
  form.append('name', 'Ann');
  form.append('file', Buffer.from('hello'), 'a.txt');
  return form;
}

const big = 'x'.repeat(2_000_000);
const steps = () => Readable.from(['one ', 'two ', 'three']);

/** What of a body reaches the server, and what is not sent. */
export const bodies: readonly ParityCase[] = [
  post('sends an object as JSON', () => ({ a: [1, { b: 'ä' }] })),
  post('sends a text in UTF-8', () => 'grün ☃'),
  post('sends bytes', () => Buffer.from([0x41, 0xc3, 0xa4])),
  post('sends an ArrayBuffer', () => new Uint8Array([65, 66]).buffer),
  post('sends a view of one', () => new Uint8Array([65, 66, 67]).subarray(1)),
  post('sends an empty text', () => ''),
  post('sends no bytes', () => Buffer.alloc(0)),
  post('sends null', () => null),
  post(
    'sends URL parameters as a form',
    () => new URLSearchParams({ a: '1 2' }),
  ),
  post(
    'sends an object as a form where its type says so',
    () => ({ a: { b: [1, 2] } }),
    {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
  ),
  post(
    'sends an object as a form with parts',
    () => ({ a: 1, b: ['x', 'y'] }),
    {
      headers: { 'content-type': 'multipart/form-data' },
    },
  ),
  post(
    'serializes forms as told',
    () => ({ list: ['x', 'y'], deep: { a: 1 } }),
    {
      headers: { 'content-type': 'multipart/form-data' },
      formSerializer: { indexes: true, dots: true },
    },
  ),
  post('sends the form of the platform', spokenForm),
  post('sends the form of the package form-data', packagedForm),
  post('sends what toFormData makes', () =>
    axios.toFormData({ a: { b: [1, 2] } }),
  ),
  post('sends a blob', () => new Blob(['hello'], { type: 'text/x-own' })),
  post('sends a blob without a type', () => new Blob(['hello'])),
  post('sends a stream', steps),
  post('sends a stream of a known length', steps, {
    headers: { 'content-length': '13' },
  }),
  post('sends a stream and follows no redirect', steps, { maxRedirects: 0 }),
  post('sends two megabytes, though follow-redirects has a bound', () => big),
  post('refuses what is no body', () => 1 as never, {
    transformRequest: [(data: unknown) => data],
  }),
  post('sends a body as long as it may be', () => 'body', { maxBodyLength: 4 }),
  post('refuses a body that is too long', () => 'body', { maxBodyLength: 3 }),
  post('measures bytes, not letters', () => 'ää', { maxBodyLength: 3 }),
  {
    name: 'fails where a stream fails',
    send: (client) => {
      const broken = Readable.from(
        (async function* parts() {
          yield 'one';
          throw new Error('the source broke');
        })(),
      );
      return client.post('/x', broken);
    },
  },
  {
    name: 'sends a stream again where a redirect asks for it',
    serve: ({ upstream }) => upstream.on('/x', redirect('/new', 307)),
    send: (client) => client.put('/x', steps()),
  },
  {
    name: 'tells how an upload comes on',
    send: async (client) => {
      const seen: (number | undefined)[] = [];
      await client.post('/x', 'x'.repeat(100_000), {
        onUploadProgress: ({ loaded, total }) => seen.push(loaded, total),
      });
      return seen.slice(-2);
    },
  },
  {
    name: 'bounds the rate of an upload',
    send: (client) =>
      client.post('/x', 'x'.repeat(1000), { maxRate: [100_000, 100_000] }),
  },
];
