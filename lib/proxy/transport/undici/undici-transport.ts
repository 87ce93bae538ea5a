import axios, { isCancel } from 'axios';
import type { AxiosAdapter, InternalAxiosRequestConfig } from 'axios';
import type { Agent, Dispatcher } from 'undici';
import { BackendConfig } from '../../../config/schema/backend.schema.js';
import { httpTransport } from '../http/http-transport.js';
import { OpenTransport } from '../transport.js';
import { connectorWithin } from './connector.js';
import { environmentNamesProxy } from '../environment-proxy.js';
import { addressOf } from '../../host-address.js';
import { headersWithin } from './header-limit.js';
import { onlyAxiosCan } from './only-axios-can.js';
import { undiciAdapter } from './undici-adapter.js';

/** The package, which only some applications have installed. */
export type Undici = typeof import('undici');

/** Effectively for ever: undici has no word for it. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Axios over undici's pools: about twice the throughput of Node's own client
 * on the same sockets. What only axios' own adapter can do (proxies, progress,
 * forms and the like) goes over Node's client, call by call.
 */
export const undiciTransport =
  (undici: Undici): OpenTransport =>
  (config, failedToConnect) => {
    const agent = new undici.Agent(poolOptions(config, undici));
    agent.on('connectionError', (origin, _targets, error) => {
      if (!isCancel(error)) failedToConnect(addressOf(origin));
    });
    const overUndici = undiciAdapter(agent.compose(...stages(config, undici)));
    const fallback = httpTransport(config, failedToConnect);
    const overNode = axios.getAdapter('http');
    const behindProxy = environmentNamesProxy(process.env);

    const needsNode = (call: InternalAxiosRequestConfig) =>
      (behindProxy && call.proxy !== false) ||
      call.httpAgent !== fallback.defaults.httpAgent ||
      call.httpsAgent !== fallback.defaults.httpsAgent ||
      onlyAxiosCan(call);
    const adapter: AxiosAdapter = (call) =>
      needsNode(call) ? overNode(call) : overUndici(call);

    return {
      defaults: { ...fallback.defaults, adapter },
      close: () => {
        void agent.destroy();
        fallback.close();
      },
    };
  };

/** Deadlines of answers are ours, over the whole call. A pool's size is the most that it can keep idle. */
function poolOptions(
  config: BackendConfig,
  { buildConnector }: Undici,
): Agent.Options {
  const { keepAlive, maxConnectionsPerHost, maxIdleConnectionsPerHost } =
    config;
  const idleMs = config.idleConnectionTimeout ?? NO_TIMEOUT_MS;
  return {
    connections: maxConnectionsPerHost ?? maxIdleConnectionsPerHost,
    pipelining: keepAlive ? 1 : 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connectorWithin(
      buildConnector,
      config.connectTimeout ?? config.timeout,
      {
        ...config.tls,
        lookup: config.lookup,
      },
    ),
  };
}

/** What a request passes on its way to the pools, the last of them first. */
function stages(
  { responseHeaderTimeout }: BackendConfig,
  { interceptors }: Undici,
): Dispatcher.DispatcherComposeInterceptor[] {
  const redirects = interceptors.redirect();
  return responseHeaderTimeout
    ? [headersWithin(responseHeaderTimeout), redirects]
    : [redirects];
}
