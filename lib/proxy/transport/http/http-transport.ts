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
 * TCP keep-alive delay, equal to the one that axios sets on each call. With
 * Node's default of one second, the agent would reset it after each call: eight
 * system calls, a tenth of the CPU time of a call.
 */
const AXIOS_KEEP_ALIVE_MS = 60_000;

type Created = (error: Error | null, stream: Duplex) => void;

/** The connection pools of one backend, shared with no other. */
interface Agents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpAgent;
}

/** The transport over Node's HTTP client. */
export interface HttpTransport extends Transport {
  readonly defaults: Agents;
}

/** Axios' Node adapter, with connection pools of one backend. */
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

/** Redirect options that axios' types omit. */
interface RedirectOptions extends Record<string, unknown> {
  href: string;
  protocol?: string;
  hostname?: string;
  port?: string | number;
}

/**
 * Checks each redirect after the caller's own hook, which may change its
 * destination.
 *
 * @param failed called when that hook throws, which is not the backend's fault
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
    // With a proxy these name the proxy, so use the URL unless the hook changed them.
    const url = after === before ? options.href : after;
    // The client rejects other schemes itself.
    if (/^https?:/i.test(url)) mayFollow(url);
  };
}

function placeOf({ protocol, hostname = '', port }: RedirectOptions): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname;
  return `${protocol}//${host}${port ? `:${port}` : ''}/`;
}

/** Creates the connection pools of a backend. Their connections follow `rules`. */
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

/** A Node agent class whose connections, established on the event `made`, follow rules. */
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
 * Keeps an agent out of JSON. An AxiosError serializes its config and with it
 * the agent, including the private key of its client certificate and all calls
 * in flight. With hundreds of calls, logging one error would block the process.
 */
function notInJson(): undefined {
  return undefined;
}

type FreeSockets = HttpAgent['freeSockets'];

/** Error codes of a connection closed by the other side. */
const CLOSED: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE']);

/**
 * The rules for the connections of one backend that Node's agents do not offer:
 * connect timeout, maximum age, total idle connections, and the DNS lookup.
 */
class ConnectionRules {
  private readonly bornMs = new WeakMap<Socket, number>();
  /** Bytes read from a connection when it last became idle. */
  private readonly bytesWhenIdle = new WeakMap<Socket, number>();
  /** Connections opened with a call's own `lookup`; not reused. */
  private readonly lookedUp = new WeakSet<Socket>();
  private readonly staleErrors = new WeakSet<object>();
  private readonly poolNumbers = new WeakMap<LookupFunction, number>();
  private poolsNamed = 0;
  private readonly headerLimit: HeaderLimit | undefined;

  /** @param failedToConnect called with the address of each connection that fails to open */
  constructor(
    private readonly config: BackendConfig,
    private readonly failedToConnect: (address: string) => void,
  ) {
    const { responseHeaderTimeout } = config;
    this.headerLimit = responseHeaderTimeout
      ? new HeaderLimit(responseHeaderTimeout)
      : undefined;
  }

  /** A pool name suffix for calls with their own `lookup`, so that they never share connections with others. */
  poolOf(options?: ClientRequestArgs): string {
    const lookup = options?.lookup;
    if (!lookup) return '';
    const known = this.poolNumbers.get(lookup);
    if (known !== undefined) return `:lookup-${known}`;
    this.poolNumbers.set(lookup, ++this.poolsNamed);
    return `:lookup-${this.poolsNamed}`;
  }

  /** Connection options with the call's own `lookup`, or the backend's by default. */
  withLookup(options: ClientRequestArgs): ClientRequestArgs {
    const { lookup } = this.config;
    return options.lookup || !lookup ? options : { ...options, lookup };
  }

  /** Applies the rules to a new connection. */
  opened(socket: Socket, made: MadeEvent, options: ClientRequestArgs): void {
    const { connectTimeout, maxConnectionAge } = this.config;
    if (maxConnectionAge) this.bornMs.set(socket, performance.now());
    if (options.lookup) this.lookedUp.add(socket);
    this.headerLimit?.cover(socket);
    watchConnecting(socket, made, connectTimeout, () =>
      this.failedToConnect(`${options.host}:${options.port}`),
    );
  }

  /** Whether an idle connection may be reused. */
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

  /** Watches a request on a reused connection. If the connection closes before any response, the backend probably closed it as idle. */
  reused(socket: Socket, request: ClientRequest): void {
    request.once('error', (error: NodeJS.ErrnoException) => {
      const isUntouched = this.bytesWhenIdle.get(socket) === socket.bytesRead;
      if (isUntouched && CLOSED.has(error.code)) this.staleErrors.add(error);
    });
  }

  /** Whether a request failed because its reused connection closed before any response. */
  isStale(error: unknown): boolean {
    return error instanceof Error && this.staleErrors.has(error);
  }

  close(): void {
    this.headerLimit?.close();
  }
}

/** The number of idle connections to all hosts. Node limits them only per host. */
function idleConnections(idle: FreeSockets): number {
  let count = 0;
  for (const sockets of Object.values(idle)) count += sockets?.length ?? 0;
  return count;
}
