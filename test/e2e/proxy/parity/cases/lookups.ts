import type { ParityCase, Scene } from '../../../../support/parity.js';

const named = ({ upstream }: Scene) => `http://catalog.test:${upstream.port}`;

const by = (name: string, lookup: unknown): ParityCase => ({
  name,
  send: (client, scene) =>
    client.get('/x', { baseURL: named(scene), lookup } as object),
});

type Done = (error: Error | null, ...answer: unknown[]) => void;

/** How names are looked up by a function of the call. */
export const lookups: readonly ParityCase[] = [
  by('looks a name up by a function', (_: string, __: object, done: Done) =>
    done(null, '127.0.0.1', 4),
  ),
  by(
    'looks a name up by a function that gives a list',
    (_: string, __: object, done: Done) =>
      done(null, [{ address: '127.0.0.1', family: 4 }]),
  ),
  by('looks a name up by a promise', async () => ['127.0.0.1', 4]),
  by('looks a name up by a promise of an entry', async () => ({
    address: '127.0.0.1',
    family: 4,
  })),
  by('looks a name up by a promise of an address', async () => '127.0.0.1'),
  by('fails where the function fails', (_: string, __: object, done: Done) =>
    done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })),
  ),
  by('fails where the promise fails', async () => {
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  }),
  {
    name: 'asks for an address of a family',
    send: (client, { upstream }) =>
      client.get('/x', {
        baseURL: `http://localhost:${upstream.port}`,
        family: 4,
      }),
  },
];
