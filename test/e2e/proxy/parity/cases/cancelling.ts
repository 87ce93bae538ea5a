import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import axios from 'axios';
import {
  neverAnswer,
  trickle,
} from '../../../../support/backend-behaviours.js';
import { eventually } from '../../../../support/backend-under-test.js';
import type {
  ParityCase,
  ParityClient,
  Scene,
} from '../../../../support/parity.js';

/** Waits until the server has the request, however often it had one. */
async function arrival({ upstream }: Scene, before: number): Promise<void> {
  await eventually(() => upstream.arrivals.length > before);
}

const silent = ({ upstream }: Scene) => upstream.on('/x', neverAnswer());

/** Cancels a call once it has arrived, and tells whether the server sees it go. */
async function cancelled(
  client: ParityClient,
  scene: Scene,
  config: object,
  cancel: () => void,
): Promise<unknown> {
  const before = scene.upstream.arrivals.length;
  const sending = client.get('/x', config);
  sending.catch(() => {});
  await arrival(scene, before);
  const { socket } = scene.upstream.arrivals.at(-1)!.request;
  cancel();
  await sending.catch(() => {});
  await eventually(() => socket.destroyed);
  return sending;
}

/** How calls are cancelled. */
export const cancelling: readonly ParityCase[] = [
  {
    name: 'is cancelled by a signal',
    serve: silent,
    send: (client, scene) => {
      const abort = new AbortController();
      return cancelled(client, scene, { signal: abort.signal }, () =>
        abort.abort(),
      );
    },
  },
  {
    name: 'is cancelled by a signal with a reason',
    serve: silent,
    send: (client, scene) => {
      const abort = new AbortController();
      return cancelled(client, scene, { signal: abort.signal }, () =>
        abort.abort(new Error('no longer wanted')),
      );
    },
  },
  {
    name: 'is not sent where its signal is aborted',
    send: (client) => client.get('/x', { signal: AbortSignal.abort() }),
  },
  {
    name: 'ends a stream when its signal is aborted',
    serve: ({ upstream }) => upstream.on('/x', trickle(2000)),
    send: async (client) => {
      const abort = new AbortController();
      const { data } = await client.get<Readable>('/x', {
        responseType: 'stream',
        signal: abort.signal,
      });
      data.once('data', () => abort.abort());
      return finished(data.resume());
    },
  },
  {
    name: 'lets its reader end a stream',
    serve: ({ upstream }) => upstream.on('/x', trickle(2000)),
    send: async (client, { upstream }) => {
      const { data } = await client.get<Readable>('/x', {
        responseType: 'stream',
      });
      const { socket } = upstream.arrivals.at(-1)!.request;
      data.once('error', () => {});
      data.destroy();
      await eventually(() => socket.destroyed);
      return data.destroyed;
    },
  },
  {
    name: 'cancels an upload whose source is gone',
    serve: silent,
    send: async (client, scene) => {
      const before = scene.upstream.arrivals.length;
      const source = new Readable({ read() {} });
      source.push('some');
      const sending = client.post('/x', source);
      sending.catch(() => {});
      await arrival(scene, before);
      source.destroy();
      return sending;
    },
  },
  {
    name: 'is cancelled by a token',
    serve: silent,
    send: (client, scene) => {
      const source = axios.CancelToken.source();
      return cancelled(client, scene, { cancelToken: source.token }, () =>
        source.cancel('no longer wanted'),
      );
    },
  },
  {
    name: 'is not sent where its token is cancelled',
    send: (client) => {
      const source = axios.CancelToken.source();
      source.cancel('no longer wanted');
      return client.get('/x', { cancelToken: source.token });
    },
  },
  {
    name: 'cancels several calls by one token',
    serve: silent,
    send: async (client, scene) => {
      const source = axios.CancelToken.source();
      const before = scene.upstream.arrivals.length;
      const calls = [1, 2, 3].map(() =>
        client.get('/x', { cancelToken: source.token }),
      );
      const ends = Promise.allSettled(calls);
      await arrival(scene, before + 2);
      source.cancel('all of them');
      return (await ends).map(({ status }) => status);
    },
  },
];
