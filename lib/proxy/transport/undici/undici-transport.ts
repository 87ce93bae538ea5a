import http from 'node:http';
import { AxiosError } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import type { Dispatcher } from 'undici';
import { httpTransport } from '../http/http-transport.js';
import { OpenTransport, TransportFault } from '../transport.js';
import { Undici } from './connection.js';
import { Connections } from './connections.js';
import { Carrier, UndiciExchange } from './undici-exchange.js';
import { plainRequest } from './undici-request.js';

const PROXY_VARIABLES = [
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
] as const;

/**
 * Axios over undici, with about twice the throughput of Node's client. Undici
 * sends calls with a string, a buffer or no body. All others (streams, forms,
 * proxies, progress events, calls that axios itself rejects) use axios' own
 * adapter.
 */
export const undiciTransport =
  (undici: Undici): OpenTransport =>
  (config, failedToConnect) => {
    const connections = new Connections(undici, config, failedToConnect);
    const overNode = httpTransport(config, failedToConnect);
    const { httpAgent, httpsAgent } = overNode.defaults;
    const faults = new WeakMap<object, TransportFault>();
    const carrier: Carrier = {
      headersWithinMs: config.responseHeaderTimeout,
      send: (hop) => {
        const mock = mockDispatcher(undici);
        if (mock) hop.by(mock);
        else connections.send(hop);
      },
      withdraw: (hop) => connections.withdraw(hop),
    };

    const isOurs = (call: InternalAxiosRequestConfig) =>
      call.httpAgent === httpAgent &&
      call.httpsAgent === httpsAgent &&
      !isProxied(call);

    return {
      defaults: overNode.defaults,
      send: (call, mayFollow) => {
        const isMocked = mockDispatcher(undici) !== undefined;
        const isPassedOn = !isMocked && isNodeMocked();
        const isPlain = !isPassedOn && isOurs(call);
        const request = isPlain ? plainRequest(call) : undefined;
        if (!request && isMocked && !isNodeMocked()) return unmockable(call);
        if (!request) return overNode.send(call, mayFollow);
        return new Promise((resolve, reject) => {
          new UndiciExchange(call, request, carrier, {
            mayFollow,
            resolve,
            reject: (error, fault) => {
              if (fault) faults.set(error, fault);
              reject(error);
            },
            byAxios: () => overNode.send(call, mayFollow),
          }).start();
        });
      },
      faultOf: (error) => faults.get(error) ?? overNode.faultOf(error),
      close: () => {
        connections.close();
        overNode.close();
      },
    };
  };

/** Rejects a call that would bypass the mock and reach the network. */
async function unmockable(call: InternalAxiosRequestConfig): Promise<never> {
  throw new AxiosError(
    "A MockAgent is undici's global dispatcher, and this call does not go over undici: its body or one of its options needs Node's client, which would send it to the network. Mock that with nock or msw.",
    AxiosError.ERR_NOT_SUPPORT,
    call,
  );
}

/** Whether axios' own adapter might use a proxy. Checked per call, because the environment may change. */
function isProxied({ proxy }: InternalAxiosRequestConfig): boolean {
  if (proxy === false) return false;
  const { env } = process;
  return PROXY_VARIABLES.some((name) => env[name]);
}

/** The MockAgent that a test has set as undici's global dispatcher, if any. */
function mockDispatcher({
  getGlobalDispatcher,
  MockAgent,
}: Undici): Dispatcher | undefined {
  const dispatcher = getGlobalDispatcher();
  return dispatcher instanceof MockAgent ? dispatcher : undefined;
}

/** Whether nock or msw have replaced Node's client. Calls then use it, to reach the mock. */
function isNodeMocked(): boolean {
  const { ClientRequest } = http;
  return (
    ClientRequest.name !== 'ClientRequest' ||
    ClientRequest.prototype.constructor !== ClientRequest
  );
}
