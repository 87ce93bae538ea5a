import { Agent as HttpAgent, AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BackendConfig } from '../../config/schema/backend.schema.js';
import { boundIdle } from './idle-bound.js';

/** The connection pools of one backend, shared with no other. */
export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** Makes the pools of a backend. */
export function backendAgents(config: BackendConfig): Agents {
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
  return agents;
}
