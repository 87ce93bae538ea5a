import { keySlot } from './key-slot.js';
import {
  Argument,
  Command,
  CONNECT_TIMEOUT_MS,
  reconnectDelayMs,
  RedisLink,
} from './redis-link.js';

/** What a client of `ioredis` 5 or 6 has, whichever of its kinds it is. */
export interface IoredisClient {
  readonly status: string;
  call(...args: never[]): Promise<unknown>;
}

interface Ioredis extends IoredisClient {
  readonly isCluster: boolean;
  readonly slots?: readonly (readonly string[] | undefined)[];
  connect(): Promise<unknown>;
  disconnect(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  duplicate(...args: unknown[]): Ioredis;
  callBuffer(...args: Argument[]): Promise<unknown>;
}

/** A cluster of which a node has gone is looked at anew this often. */
const SLOTS_REFRESH_MS = 1_000;

/** A connection over `ioredis` 5 or 6, made from the settings of a client. */
export class IoredisLink implements RedisLink {
  trouble: string | undefined;
  private readonly client: Ioredis;

  constructor(settings: IoredisClient) {
    const given = settings as Ioredis;
    this.client = given.isCluster
      ? given.duplicate([], clusterOverrides)
      : given.duplicate(nodeOverrides);
    // Without a listener each error would be printed. That Redis is gone shows in the decisions.
    this.client.on('error', (error) => (this.trouble = error.message));
  }

  get isCluster(): boolean {
    return this.client.isCluster;
  }

  slotOf(key: string): number {
    return this.isCluster ? keySlot(key) : 0;
  }

  nodeOf(slot: number): string {
    if (!this.isCluster) return '';
    return this.client.slots?.[slot]?.[0] ?? '';
  }

  isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** Once asked to, it goes on by itself. */
  connect(): Promise<unknown> {
    return this.client.connect().catch(() => {});
  }

  send(_key: string, command: Command): Promise<unknown> {
    return this.client.callBuffer(...command);
  }

  close(): void {
    this.client.disconnect();
  }
}

/** What keeps a command from waiting for a connection or from being sent twice. */
const nodeOverrides = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  retryStrategy: reconnectDelayMs,
  reconnectOnError: null,
  sentinelRetryStrategy: reconnectDelayMs,
};

const clusterOverrides = {
  lazyConnect: true,
  // Nodes are connected to when first asked, and what is asked meanwhile must wait for that.
  enableOfflineQueue: true,
  clusterRetryStrategy: reconnectDelayMs,
  // 0 sends nothing again whose connection broke.
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  // Was not run: some keys of the slot are still on their way to another node.
  retryDelayOnTryAgain: 5,
  slotsRefreshInterval: SLOTS_REFRESH_MS,
};
