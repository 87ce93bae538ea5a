import type { AxiosAdapter } from 'axios';
import { Transport, OpenTransport } from '../transport.js';
import { Agents, backendAgents } from './agents.js';
import { firstHopAdapter } from './first-hop/first-hop-adapter.js';

/** Node's own client, which axios uses when nothing else is said. */
export interface HttpTransport extends Transport {
  readonly defaults: Agents & { readonly adapter: AxiosAdapter };
}

/** Opens Node's own client with pools for one backend. */
export const httpTransport = ((config, failedToConnect): HttpTransport => {
  const agents = backendAgents(config, failedToConnect);
  return {
    defaults: { ...agents, adapter: firstHopAdapter(agents) },
    close: () => {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}) satisfies OpenTransport;
