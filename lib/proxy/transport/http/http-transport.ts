import type { CreateAxiosDefaults } from 'axios';
import { Transport, OpenTransport } from '../transport.js';
import { Agents, backendAgents } from './agents.js';
import { firstHopAdapter } from './first-hop/first-hop-adapter.js';
import { isAdapterUsual } from './usual-adapter.js';

/** Node's own client, which axios uses when nothing else is said. */
export interface HttpTransport extends Transport {
  readonly defaults: Agents & Pick<CreateAxiosDefaults, 'adapter'>;
}

/** Opens Node's own client with pools for one backend. */
export const httpTransport = ((config, failedToConnect): HttpTransport => {
  const agents = backendAgents(config, failedToConnect);
  return {
    defaults: isAdapterUsual()
      ? { ...agents, adapter: firstHopAdapter(agents) }
      : agents,
    close: () => {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}) satisfies OpenTransport;
