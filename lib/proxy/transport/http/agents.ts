import { Agent as HttpAgent } from 'node:http';
import type { AgentOptions, ClientRequest, ClientRequestArgs } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BackendConfig } from '../../../config/schema/backend.schema.js';
import { ConnectionRules } from './connection-rules.js';

/**
 * After how long an idle connection is probed, as axios sets it with each call.
 * By default Node's agent sets it back to a second after each: eight system
 * calls, a tenth of the processor time of a call.
 */
const AXIOS_KEEP_ALIVE_MS = 60_000;

type Created = (error: Error | null, stream: Duplex) => void;

/** The connection pools of one backend, shared with no other. */
export interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** Makes the pools of a backend, whose connections keep to `rules`. */
export function backendAgents(
  config: BackendConfig,
  rules: ConnectionRules,
): Agents {
  const options: AgentOptions = {
    keepAlive: config.keepAlive,
    keepAliveMsecs: AXIOS_KEEP_ALIVE_MS,
    maxFreeSockets: config.maxIdleConnectionsPerHost,
    maxSockets: config.maxConnectionsPerHost,
    timeout: config.idleConnectionTimeout,
    scheduling: 'lifo',
  };
  return {
    httpAgent: new BackendHttpAgent(options, rules),
    httpsAgent: new BackendHttpsAgent({ ...options, ...config.tls }, rules),
  };
}

class BackendHttpAgent extends HttpAgent {
  constructor(
    options: AgentOptions,
    private readonly rules: ConnectionRules,
  ) {
    super(options);
  }

  override getName(options?: ClientRequestArgs): string {
    return super.getName(options) + this.rules.poolOf(options);
  }

  override createConnection(options: ClientRequestArgs, created?: Created) {
    const socket = super.createConnection(
      this.rules.withLookup(options),
      created,
    ) as Socket;
    this.rules.opened(socket, 'connect', options);
    return socket;
  }

  override keepSocketAlive(socket: Socket): boolean {
    if (!this.rules.mayKeep(socket, this.freeSockets)) return false;
    return Boolean(super.keepSocketAlive(socket));
  }

  override reuseSocket(socket: Socket, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    this.rules.reused(socket, request);
  }

  /** See {@link notInJson}. */
  toJSON(): undefined {
    return notInJson();
  }
}

class BackendHttpsAgent extends HttpsAgent {
  constructor(
    options: AgentOptions,
    private readonly rules: ConnectionRules,
  ) {
    super(options);
  }

  override getName(options?: ClientRequestArgs): string {
    return super.getName(options) + this.rules.poolOf(options);
  }

  override createConnection(options: ClientRequestArgs, created?: Created) {
    const socket = super.createConnection(
      this.rules.withLookup(options),
      created,
    ) as Socket;
    this.rules.opened(socket, 'secureConnect', options);
    return socket;
  }

  override keepSocketAlive(socket: Socket): boolean {
    if (!this.rules.mayKeep(socket, this.freeSockets)) return false;
    return Boolean(super.keepSocketAlive(socket));
  }

  override reuseSocket(socket: Socket, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    this.rules.reused(socket, request);
  }

  /** See {@link notInJson}. */
  toJSON(): undefined {
    return notInJson();
  }
}

/**
 * Keeps an agent out of JSON. Axios' errors write down the configuration of
 * their call, and with it the agent: the private key of its client certificate,
 * and every call underway. With some hundred of them a process that logs an
 * error stands still.
 */
function notInJson(): undefined {
  return undefined;
}
