import { Agent as HttpAgent } from 'node:http';
import type { AgentOptions, ClientRequest, ClientRequestArgs } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getAdapter } from 'axios';
import type { AxiosError, InternalAxiosRequestConfig } from 'axios';
import { BackendConfig } from '../../../config/schema/backend.schema.js';
import { OpenTransport, RedirectGuard, Transport } from '../transport.js';
import { HeaderLimit, MadeEvent, watchConnecting } from './stage-limits.js';

/**
 * After how long an idle connection is probed, as axios sets it with each call.
 * By default Node's agent sets it back to a second after each: eight system
 * calls, a tenth of the processor time of a call.
 */
const AXIOS_KEEP_ALIVE_MS = 60_000;

type Created = (error: Error | null, stream: Duplex) => void;

/** The connection pools of one backend, shared with no other. */
interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpAgent;
}

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
    const url = after === before ? options.href : after;
    // The client knows no other scheme, and fails itself.
    if (/^https?:/i.test(url)) mayFollow(url);
  };
}

function placeOf({ protocol, hostname = '', port }: RedirectOptions): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return `${protocol}//${host}${port ? `:${port}` : ''}/`;
}

/** Makes the pools of a backend, whose connections keep to `rules`. */
function backendAgents(config: BackendConfig, rules: ConnectionRules): Agents {
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

/** An agent of Node whose connections, ready on an event, keep to rules. */
function agentWithRules(Agent: typeof HttpAgent, made: MadeEvent) {
  return class BackendAgent extends Agent {
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
      this.rules.opened(socket, made, options);
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
  };
}

const BackendHttpAgent = agentWithRules(HttpAgent, 'connect');
const BackendHttpsAgent = agentWithRules(HttpsAgent, 'secureConnect');

/**
 * Keeps an agent out of JSON. Axios' errors write down the configuration of
 * their call, and with it the agent: the private key of its client certificate,
 * and every call underway. With some hundred of them a process that logs an
 * error stands still.
 */
function notInJson(): undefined {
  return undefined;
}

type FreeSockets = HttpAgent['freeSockets'];

/** How a connection ends that its other side closed. */
const CLOSED: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/**
 * What the connections of one backend keep to beyond what Node's agents do:
 * how long they may take to open, how old they may become, how many may idle,
 * and whose look-up finds their address.
 */
class ConnectionRules {
  private readonly bornMs = new WeakMap<Socket, number>();
  /** What had come over a connection when it was last idle. */
  private readonly bytesWhenIdle = new WeakMap<Socket, number>();
  /** Connections to where a call's own look-up led, which serve that call alone. */
  private readonly lookedUp = new WeakSet<Socket>();
  private readonly staleErrors = new WeakSet<object>();
  private readonly poolNumbers = new WeakMap<LookupFunction, number>();
  private poolsNamed = 0;
  private readonly headerLimit: HeaderLimit | undefined;

  /** @param failedToConnect told the address of each connection that could not be made */
  constructor(
    private readonly config: BackendConfig,
    private readonly failedToConnect: (address: string) => void,
  ) {
    const { responseHeaderTimeout } = config;
    this.headerLimit = responseHeaderTimeout
      ? new HeaderLimit(responseHeaderTimeout)
      : undefined;
  }

  /** What a call's own look-up adds to the name of its pool: it must not get a connection to where another look-up led. */
  poolOf(options?: ClientRequestArgs): string {
    const lookup = options?.lookup;
    if (!lookup) return '';
    const known = this.poolNumbers.get(lookup);
    if (known !== undefined) return `:lookup-${known}`;
    this.poolNumbers.set(lookup, ++this.poolsNamed);
    return `:lookup-${this.poolsNamed}`;
  }

  /** The options of a connection, found by the call's own look-up or else by the backend's. */
  withLookup(options: ClientRequestArgs): ClientRequestArgs {
    const { lookup } = this.config;
    return options.lookup || !lookup ? options : { ...options, lookup };
  }

  /** Watches a connection that is being made. */
  opened(socket: Socket, made: MadeEvent, options: ClientRequestArgs): void {
    const { connectTimeout, maxConnectionAge } = this.config;
    if (maxConnectionAge) this.bornMs.set(socket, performance.now());
    if (options.lookup) this.lookedUp.add(socket);
    this.headerLimit?.cover(socket);
    watchConnecting(socket, made, connectTimeout, () =>
      this.failedToConnect(`${options.host}:${options.port}`),
    );
  }

  /** Whether a connection that became idle may serve another call. */
  mayKeep(socket: Socket, idle: FreeSockets): boolean {
    const { maxConnectionAge, maxIdleConnections } = this.config;
    this.bytesWhenIdle.set(socket, socket.bytesRead);
    if (this.lookedUp.has(socket)) return false;
    if (maxConnectionAge) {
      const ageMs = performance.now() - (this.bornMs.get(socket) ?? 0);
      if (ageMs >= maxConnectionAge) return false;
    }
    return !maxIdleConnections || idleConnections(idle) < maxIdleConnections;
  }

  /** Watches a request that goes down a kept connection: where that closes before anything came back, the two most likely crossed. */
  reused(socket: Socket, request: ClientRequest): void {
    request.once('error', (error: NodeJS.ErrnoException) => {
      const isUntouched = this.bytesWhenIdle.get(socket) === socket.bytesRead;
      if (isUntouched && CLOSED.has(error.code)) this.staleErrors.add(error);
    });
  }

  /** Whether a request failed because its kept connection was closed before anything of an answer came. */
  isStale(error: unknown): boolean {
    return error instanceof Error && this.staleErrors.has(error);
  }

  close(): void {
    this.headerLimit?.close();
  }
}

/** Idle connections over all hosts; Node itself bounds them for each host alone. */
function idleConnections(idle: FreeSockets): number {
  let count = 0;
  for (const sockets of Object.values(idle)) count += sockets?.length ?? 0;
  return count;
}
