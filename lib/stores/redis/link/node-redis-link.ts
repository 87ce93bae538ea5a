import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../../config/format/text.js';
import { keySlot } from './key-slot.js';
import {
  Command,
  CONNECT_TIMEOUT_MS,
  reconnectDelayMs,
  RedisLink,
} from './redis-link.js';

/** What a client of `redis` 6 has, whichever of its kinds it is. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  sendCommand(...args: never[]): Promise<unknown>;
}

interface NodeRedis extends NodeRedisClient {
  readonly isOpen: boolean;
  readonly options?: { readonly socket?: object };
  readonly slots?: readonly ({ readonly master?: ClusterNode } | undefined)[];
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  duplicate(overrides: object): NodeRedis;
  sendCommand(...args: unknown[]): Promise<unknown>;
}

/** A node of a Cluster, and the client that talks to it, once there is one. */
interface ClusterNode {
  readonly address?: string;
  readonly client?: { readonly isReady: boolean };
  readonly connectPromise?: unknown;
}

/** What keeps a command from waiting for a connection, and an attempt to connect from taking long. */
export const PROMPT_CONNECTION = {
  disableOfflineQueue: true,
  socket: {
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectStrategy: reconnectDelayMs,
  },
};

/** The mark of a bulk string in the protocol, and what it is read as. */
const asBytes = { typeMapping: { ['$'.charCodeAt(0)]: Buffer } };

type Kind = 'single' | 'sentinel' | 'cluster';

/** A connection over `redis` 6, made from the settings of a client. */
export class NodeRedisLink implements RedisLink {
  trouble: string | undefined;
  private readonly client: NodeRedis;
  private readonly kind: Kind;
  private readonly closing = new AbortController();

  constructor(settings: NodeRedisClient) {
    const given = settings as NodeRedis;
    this.kind = kindOf(given);
    this.client = given.duplicate(overrides(given, this.kind));
    // Without a listener an error would end the process. That Redis is gone shows in the decisions.
    this.client.on('error', (error) => this.note(error));
  }

  get isCluster(): boolean {
    return this.kind === 'cluster';
  }

  slotOf(key: string): number {
    return this.isCluster ? keySlot(key) : 0;
  }

  nodeOf(slot: number): string {
    if (!this.isCluster) return '';
    return this.client.slots?.[slot]?.master?.address ?? '';
  }

  isReady(): boolean {
    return this.client.isReady;
  }

  /** A single client goes on by itself; the others give up when there is nobody at all, and are asked again. */
  async connect(): Promise<void> {
    const { signal } = this.closing;
    for (let retry = 1; !signal.aborted; retry++) {
      try {
        await this.client.connect();
        return;
      } catch (error) {
        this.note(error);
        // Ends early, without an error, when the link is closed.
        await pause(reconnectDelayMs(retry), undefined, { signal }).catch(
          () => {},
        );
      }
    }
  }

  send(key: string, command: Command): Promise<unknown> {
    switch (this.kind) {
      case 'cluster':
        return this.isCutOff(key)
          ? Promise.reject(new Error('there is no connection to its node'))
          : this.client.sendCommand(key, false, command, asBytes);
      case 'sentinel':
        return this.client.isOpen
          ? this.client.sendCommand(false, command, asBytes)
          : Promise.reject(new Error('Sentinel names no master'));
      case 'single':
        return this.client.sendCommand(command, asBytes);
    }
  }

  close(): void {
    this.closing.abort();
    if (!this.client.isOpen) return;
    // Of Sentinel and Cluster a promise, which rejects when a node is gone already.
    Promise.resolve(this.client.destroy()).catch(() => {});
  }

  /** Whether the node of a key has lost its connection: its client may keep commands, and send them when nobody waits any more. */
  private isCutOff(key: string): boolean {
    const { client, connectPromise } =
      this.client.slots?.[keySlot(key)]?.master ?? {};
    return client?.isReady === false && connectPromise === undefined;
  }

  private note(error: unknown): void {
    // Of Sentinel an event that holds the error.
    const { error: inner = error } = error as { error?: unknown };
    this.trouble = messageOf(inner);
  }
}

function kindOf(client: NodeRedis): Kind {
  if ('slots' in client) return 'cluster';
  return 'getSentinelNode' in client ? 'sentinel' : 'single';
}

/** What keeps a command from waiting for a connection or from being sent twice. */
function overrides(client: NodeRedis, kind: Kind): object {
  // Of the given client neither how it reads replies nor a timer for each command: the budget of decisions has one for all.
  const ownOptions = { commandOptions: { timeout: 0 } };
  switch (kind) {
    case 'single': {
      const { disableOfflineQueue, socket } = PROMPT_CONNECTION;
      return {
        ...ownOptions,
        disableOfflineQueue,
        socket: { ...client.options?.socket, ...socket },
      };
    }
    case 'cluster':
      // It tells nobody its settings, so those of its nodes stay as they are.
      return ownOptions;
    case 'sentinel':
      // Each rediscovery would send again what may have counted.
      return { ...ownOptions, maxCommandRediscovers: 0 };
  }
}
