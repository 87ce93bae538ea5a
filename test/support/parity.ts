import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import axios, { isAxiosError, isCancel } from 'axios';
import type { AxiosInstance, AxiosResponse, CreateAxiosDefaults } from 'axios';
import { onTestFinished } from 'vitest';
import type { Behaviour } from './backend-behaviours.js';
import { backendForTest, upstreamForTest } from './backend-under-test.js';
import type { BackendOptions, transports } from './backend-under-test.js';
import type { Arrival, Upstream } from './upstream.js';

/** What axios itself and a backend of ours have in common. */
export type ParityClient = Pick<
  AxiosInstance,
  | 'defaults'
  | 'delete'
  | 'get'
  | 'head'
  | 'interceptors'
  | 'options'
  | 'patch'
  | 'post'
  | 'put'
  | 'request'
>;

/** The servers of one case. */
export interface Scene {
  readonly upstream: Upstream;
  /** Another origin. */
  readonly elsewhere: Upstream;
}

/** One behaviour of axios' Node adapter, tried on axios itself and on a backend of ours. */
export interface ParityCase {
  /** A sentence about axios. */
  readonly name: string;
  /** What the servers do; by default they answer 200 with a little JSON. */
  readonly serve?: (scene: Scene) => void;
  /** The call; what it resolves to is compared. */
  readonly send: (client: ParityClient, scene: Scene) => Promise<unknown>;
  /** The backend's options beside its host. */
  readonly options?: BackendOptions;
  /** What axios is given where a backend has an option. */
  readonly bare?: CreateAxiosDefaults;
  /** The row of the table of differences that says why ours is another, and how. */
  readonly differs?: (run: Run) => Difference | undefined;
  /** Compares what is thrown as it is, and not the axios error in an exception of ours. */
  readonly thrownAsIs?: boolean;
}

/** With what a case runs. */
export interface Run {
  readonly transport: (typeof transports)[number];
  /** The minor version of axios 1. */
  readonly minor: number;
}

export interface Difference {
  /** The first cell of a row of the table in docs/backends.md. */
  readonly row: string;
  /** What holds of the outcome of ours instead. */
  readonly instead: object;
}

/** What a case led to, on both sides of the wire. */
export interface ParityOutcome {
  readonly arrived: readonly object[];
  readonly got: unknown;
}

/** The case of a read of `/x`, where the upstream behaves so. */
export const readCase = (
  name: string,
  behaviour: Behaviour,
  config: object = {},
  more: Partial<ParityCase> = {},
): ParityCase => ({
  name,
  serve: ({ upstream }) => upstream.on('/x', behaviour),
  send: (client) => client.get('/x', config),
  ...more,
});

export const axiosMinor = Number(axios.VERSION.split('.')[1]);

export async function sceneForTest(): Promise<Scene> {
  return {
    upstream: await upstreamForTest(),
    elsewhere: await upstreamForTest(),
  };
}

/** Runs a case on axios itself. */
export function onAxios(
  { bare, ...rest }: ParityCase,
  scene: Scene,
): Promise<ParityOutcome> {
  const baseURL = scene.upstream.url;
  const client = axios.create({ baseURL, adapter: 'http', ...bare });
  return outcomeOf(rest, client, scene);
}

/** Runs a case on a backend. */
export function onBackend(
  parityCase: ParityCase,
  scene: Scene,
  transport: Run['transport'],
): Promise<ParityOutcome> {
  // What leaves the hosts of a backend is refused by default, which axios knows nothing of.
  const options = { allowOtherOrigins: true, ...parityCase.options, transport };
  const client = backendForTest(scene.upstream.url, options);
  return outcomeOf(parityCase, client as unknown as ParityClient, scene);
}

async function outcomeOf(
  { serve, send, thrownAsIs = false }: ParityCase,
  client: ParityClient,
  scene: Scene,
): Promise<ParityOutcome> {
  const before = [scene.upstream, scene.elsewhere].map(
    ({ arrivals }) => arrivals.length,
  );
  serve?.(scene);
  const got = await send(client, scene).then(told, (error: Error) =>
    toldOf(error, thrownAsIs),
  );
  const arrived = [scene.upstream, scene.elsewhere].flatMap(
    ({ arrivals }, index) => arrivals.slice(before[index]).map(arrivalOf),
  );
  return { arrived, got };
}

/** Each form has a boundary of its own. */
const BOUNDARY = /boundary=([^;]+)/;

function arrivalOf({ request, body }: Arrival): object {
  const { method, url, headers } = request;
  const boundary = BOUNDARY.exec(headers['content-type'] ?? '')?.[1];
  const plain = (text: string) =>
    boundary ? text.replaceAll(boundary, 'BOUNDARY') : text;
  return {
    method,
    url,
    headers: JSON.parse(plain(JSON.stringify(headers))),
    body: plain(body),
  };
}

/** Fields that the time or the connection has a part in. */
const NOT_COMPARED = new Set(['connection', 'date', 'keep-alive']);

/** What a caller is told, so that it can be compared. */
async function told(value: unknown): Promise<unknown> {
  if (!isAnswer(value)) return value;
  const { status, statusText, headers, data } = value;
  const fields = Object.entries({ ...headers }).filter(
    ([name]) => !NOT_COMPARED.has(name),
  );
  return {
    status,
    statusText,
    fields: Object.fromEntries(fields),
    data: await read(data),
  };
}

function isAnswer(value: unknown): value is AxiosResponse {
  return typeof value === 'object' && value !== null && 'statusText' in value;
}

async function read(data: unknown): Promise<unknown> {
  if (data instanceof Readable) {
    const bytes = await buffer(data).catch((error: Error) => error);
    return {
      streamed:
        bytes instanceof Error
          ? await toldOf(bytes, false)
          : bytes.toString('latin1'),
    };
  }
  if (Buffer.isBuffer(data)) return { bytes: data.toString('base64') };
  if (data instanceof Blob) return { blob: await data.text() };
  return data;
}

async function toldOf(thrown: Error, asIs: boolean): Promise<unknown> {
  const error = !asIs && isAxiosError(thrown.cause) ? thrown.cause : thrown;
  const { name, message, code } = error as NodeJS.ErrnoException;
  const response = isAxiosError(error) ? error.response : undefined;
  return {
    thrown: {
      name,
      message,
      code,
      isAxiosError: isAxiosError(error),
      isCancel: isCancel(error),
      response: response && (await told(response)),
    },
  };
}

/** Sets variables of the environment until the test ends. */
export function environmentForTest(variables: Record<string, string>): void {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  onTestFinished(() => {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
}
