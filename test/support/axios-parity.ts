import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import axios, { isAxiosError } from 'axios';
import type { AxiosResponse } from 'axios';
import { expect } from 'vitest';
import type { Behaviour } from './backend-behaviours.js';
import { backendForTest, upstreamForTest } from './backend-under-test.js';
import type { BackendOptions } from './backend-under-test.js';
import type { ParityClient as Client } from './parity.js';
import type { Arrival, Upstream } from './upstream.js';

/** A use of axios; `upstream` is there for its URL and paths. */
export type Use = (client: Client, upstream: Upstream) => Promise<unknown>;

/** What a use of a client led to, on both sides of the wire. */
interface Outcome {
  readonly sent: readonly object[];
  readonly got: unknown;
}

/** Expects a backend of ours to send and to give back what axios itself does. */
export async function expectAsAxios(
  use: Use,
  behaviour?: Behaviour,
  options?: BackendOptions,
): Promise<Outcome> {
  const upstream = await upstreamForTest(behaviour);
  const bare = axios.create({ baseURL: upstream.url, adapter: 'http' });
  const expected = await outcomeOf(use, bare, upstream);
  const ours = backendForTest(upstream.url, {
    allowOtherOrigins: true,
    ...options,
  }) as unknown as Client;
  const actual = await outcomeOf(use, ours, upstream);
  expect(actual).toEqual(expected);
  return actual;
}

async function outcomeOf(
  use: Use,
  client: Client,
  upstream: Upstream,
): Promise<Outcome> {
  const before = upstream.arrivals.length;
  const got = await use(client, upstream).then(answerOf, errorOf);
  return { sent: upstream.arrivals.slice(before).map(requestOf), got };
}

/** Hop-by-hop fields are the transport's own affair, as is whether a length is told or the body chunked. */
const OWN_AFFAIR = ['connection', 'content-length', 'transfer-encoding'];

/** Undici closes the connection after a HEAD. */
const NOT_COMPARED = ['connection', 'date', 'keep-alive'];

function requestOf({ request, body }: Arrival): object {
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      ([name]) => !OWN_AFFAIR.includes(name),
    ),
  );
  const { method, url } = request;
  // Each form has a boundary of its own.
  const boundary = /boundary=([^;]+)/.exec(
    headers['content-type'] as string,
  )?.[1];
  const plain = (text: string) =>
    boundary ? text.replaceAll(boundary, 'BOUNDARY') : text;
  return {
    method,
    url,
    headers: JSON.parse(plain(JSON.stringify(headers))),
    body: plain(body),
  };
}

async function answerOf(answer: unknown): Promise<unknown> {
  const { status, statusText, headers, data } = (answer ?? {}) as AxiosResponse;
  if (status === undefined) return answer;
  const body = data instanceof Readable ? await text(data) : (data as unknown);
  const fields = Object.fromEntries(
    Object.entries({ ...headers }).filter(
      ([name]) => !NOT_COMPARED.includes(name),
    ),
  );
  return { status, statusText, fields, body };
}

/** Axios' error, also where it is the cause of an exception of ours. */
async function errorOf(thrown: Error): Promise<unknown> {
  const error = isAxiosError(thrown.cause) ? thrown.cause : thrown;
  if (!isAxiosError(error)) return { message: error.message };
  const { code, message, response } = error;
  return { code, message, answer: response && (await answerOf(response)) };
}
