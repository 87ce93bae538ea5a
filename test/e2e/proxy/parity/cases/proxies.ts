import { redirect } from '../../../../support/backend-behaviours.js';
import { environmentForTest } from '../../../../support/parity.js';
import type { ParityCase, Scene } from '../../../../support/parity.js';

/** The server elsewhere plays the proxy: what arrives there, and in which form, is compared. */
const proxy = ({ elsewhere }: Scene, more: object = {}) => ({
  host: '127.0.0.1',
  port: elsewhere.port,
  protocol: 'http',
  ...more,
});

const through = (
  name: string,
  environment: (scene: Scene) => Record<string, string>,
  config: object = {},
): ParityCase => ({
  name,
  send: (client, scene) => {
    environmentForTest({ no_proxy: '', ...environment(scene) });
    return client.get('/x', config);
  },
});

/** How a proxy is found and asked. */
export const proxies: readonly ParityCase[] = [
  {
    name: 'asks a proxy',
    send: (client, scene) => client.get('/x?a=1', { proxy: proxy(scene) }),
  },
  {
    name: 'asks a proxy with credentials',
    send: (client, scene) =>
      client.get('/x', {
        proxy: proxy(scene, { auth: { username: 'ann', password: 'x' } }),
      }),
  },
  {
    name: 'asks a proxy with credentials rather than with a field',
    send: (client, scene) =>
      client.get('/x', {
        proxy: proxy(scene, { auth: { username: 'ann', password: 'x' } }),
        headers: { 'proxy-authorization': 'Basic eQ==' },
      }),
  },
  {
    name: 'asks a proxy with a Host field of the caller',
    send: (client, scene) =>
      client.get('/x', { proxy: proxy(scene), headers: { host: 'shop.test' } }),
  },
  {
    name: 'asks a proxy for each redirect',
    serve: ({ elsewhere, upstream }) =>
      elsewhere.on(`${upstream.url}/x`, redirect('/new')),
    send: (client, scene) => client.get('/x', { proxy: proxy(scene) }),
  },
  through('asks the proxy of the environment', ({ elsewhere }) => ({
    http_proxy: elsewhere.url,
  })),
  through(
    'asks the proxy of the environment with its credentials',
    ({ elsewhere }) => ({
      http_proxy: elsewhere.url.replace('//', '//ann:x@'),
    }),
  ),
  through(
    'asks no proxy where the call forbids it',
    ({ elsewhere }) => ({
      http_proxy: elsewhere.url,
    }),
    { proxy: false },
  ),
  through(
    'asks no proxy for names that the environment leaves out',
    ({ elsewhere }) => ({
      http_proxy: elsewhere.url,
      no_proxy: 'shop.test, 127.0.0.1',
    }),
  ),
  through(
    'asks a proxy for names that the environment does not leave out',
    ({ elsewhere }) => ({
      http_proxy: elsewhere.url,
      no_proxy: 'shop.test',
    }),
  ),
  through('asks the proxy of the environment in capitals', ({ elsewhere }) => ({
    HTTP_PROXY: elsewhere.url,
  })),
];
