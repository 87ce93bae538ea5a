import { Agent as HttpAgent, AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BackendConfig } from '../../../config/schema/backend.schema.js';
import { onFailedConnect } from './failed-connects.js';
import { boundIdle } from './idle-bound.js';

/** The connection pools of one backend, shared with no other. */
export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/**
 * Makes the pools of a backend.
 *
 * @param failedToConnect told the address, `catalog:8080`, of each connection that could not be made
 */
export function backendAgents(
  config: BackendConfig,
  failedToConnect: (address: string) => void,
): Agents {
  const options: AgentOptions = {
    keepAlive: config.keepAlive,
    maxFreeSockets: config.maxIdleConnectionsPerHost,
    maxSockets: config.maxConnectionsPerHost,
    timeout: config.idleConnectionTimeout,
    scheduling: 'lifo',
  };
  const agents = {
    httpAgent: new HttpAgent(options),
    httpsAgent: new HttpsAgent(options),
  };
  if (config.maxIdleConnections !== undefined) {
    boundIdle(agents.httpAgent, config.maxIdleConnections);
    boundIdle(agents.httpsAgent, config.maxIdleConnections);
  }
  onFailedConnect(agents.httpAgent, 'connect', failedToConnect);
  onFailedConnect(agents.httpsAgent, 'secureConnect', failedToConnect);
  return agents;
}
