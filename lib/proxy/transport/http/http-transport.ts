import { getAdapter } from 'axios';
import type { AxiosError, InternalAxiosRequestConfig } from 'axios';
import { OpenTransport, RedirectGuard, Transport } from '../transport.js';
import { Agents, backendAgents, ConnectionRules } from './agents.js';

/** Node's own client, as axios uses it. */
export interface HttpTransport extends Transport {
  readonly defaults: Agents;
}

/** Axios' own adapter over pools of one backend. */
export const httpTransport = ((config, failedToConnect): HttpTransport => {
  const rules = new ConnectionRules(config, failedToConnect);
  const agents = backendAgents(config, rules);
  const overNode = getAdapter('http');
  const failedHooks = new WeakSet<object>();
  return {
    defaults: agents,
    send: (request, mayFollow) => {
      guardRedirects(request, mayFollow, () => failedHooks.add(request));
      return overNode(request);
    },
    faultOf: ({ cause, config: sent }: AxiosError) => {
      if (sent && failedHooks.has(sent)) return 'broken-off';
      return rules.isStale(cause) ? 'stale' : undefined;
    },
    close: () => {
      rules.close();
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}) satisfies OpenTransport;

/** What axios' types leave out of the options of a redirect. */
interface RedirectOptions extends Record<string, unknown> {
  href: string;
  protocol?: string;
  hostname?: string;
  port?: string | number;
}

/**
 * Asks about each redirect once the caller's own hook has seen it: that may
 * lead it somewhere else yet.
 *
 * @param failed told when that hook throws, which is not the backend's doing
 */
function guardRedirects(
  request: InternalAxiosRequestConfig,
  mayFollow: RedirectGuard,
  failed: () => void,
): void {
  const { beforeRedirect } = request;
  request.beforeRedirect = (given, ...details) => {
    const options = given as RedirectOptions;
    const before = placeOf(options);
    try {
      beforeRedirect?.(given, ...details);
    } catch (error) {
      failed();
      throw error;
    }
    const after = placeOf(options);
    // Behind a proxy these name the proxy, so the URL counts where they are as they were.
    mayFollow(after === before ? options.href : after);
  };
}

function placeOf({ protocol, hostname = '', port }: RedirectOptions): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return `${protocol}//${host}${port ? `:${port}` : ''}/`;
}
