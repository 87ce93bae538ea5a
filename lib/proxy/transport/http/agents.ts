import { Agent as HttpAgent, AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { BackendConfig } from '../../../config/schema/backend.schema.js';
import { limitConnecting } from './connect-limit.js';
import { limitAge } from './connection-age.js';
import { onFailedConnect } from './failed-connects.js';
import { limitHeaders } from './header-limit.js';
import { markIdle } from './idle-mark.js';
import { boundIdle } from './idle-bound.js';
import { keepFromJson } from './no-json.js';

/**
 * After how long an idle connection is probed, as axios sets it with each call.
 * By default Node's agent sets it back to a second after each: eight system
 * calls, a tenth of the processor time of a call.
 */
const AXIOS_KEEP_ALIVE_MS = 60_000;

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
  const options: AgentOptions & { lookup?: LookupFunction } = {
    keepAlive: config.keepAlive,
    keepAliveMsecs: AXIOS_KEEP_ALIVE_MS,
    maxFreeSockets: config.maxIdleConnectionsPerHost,
    maxSockets: config.maxConnectionsPerHost,
    timeout: config.idleConnectionTimeout,
    scheduling: 'lifo',
    lookup: config.lookup,
  };
  const httpAgent = new HttpAgent(options);
  const httpsAgent = new HttpsAgent({ ...options, ...config.tls });
  equip(httpAgent, 'connect', config);
  equip(httpsAgent, 'secureConnect', config);
  onFailedConnect(httpAgent, 'connect', failedToConnect);
  onFailedConnect(httpsAgent, 'secureConnect', failedToConnect);
  return { httpAgent, httpsAgent };
}

/** Gives an agent what Node's own do not have, where it is configured. */
function equip(
  agent: HttpAgent,
  made: 'connect' | 'secureConnect',
  config: BackendConfig,
): void {
  const { connectTimeout, responseHeaderTimeout } = config;
  const { maxIdleConnections, maxConnectionAge } = config;
  keepFromJson(agent);
  if (connectTimeout) limitConnecting(agent, made, connectTimeout);
  if (responseHeaderTimeout) limitHeaders(agent, responseHeaderTimeout);
  if (config.keepAlive) markIdle(agent);
  if (maxIdleConnections) boundIdle(agent, maxIdleConnections);
  if (maxConnectionAge) limitAge(agent, maxConnectionAge, monotonicMs);
}

const monotonicMs = () => performance.now();
