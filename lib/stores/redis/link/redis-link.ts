export type Argument = string | Buffer;
/** A command as it goes over the wire. */
export type Command = readonly [name: string, ...args: Argument[]];

/** A connection of our own to one server, to whom Sentinel names, or to a Cluster. It keeps connecting until it is closed. */
export interface RedisLink {
  /** Whether keys live on several nodes, by the slot of their hash tag. */
  readonly isCluster: boolean;
  /** Why there was no connection when that was last tried; nothing where it is not known. */
  readonly trouble: string | undefined;
  /** The slot of a key; 0 where there is only one node. */
  slotOf(key: string): number;
  /** The node that answers for a slot; '' where there is only one. */
  nodeOf(slot: number): string;
  /** Whether a command would go out at once. */
  isReady(): boolean;
  /** Begins to connect; resolves when it has, or when the first attempt failed and others follow. */
  connect(): Promise<unknown>;
  /**
   * Sends a command to the node that holds `key`, at most once: a redirect of a
   * Cluster is followed, since the command was not run; after any other error it
   * is not sent again. Without a connection it rejects and is not queued. Texts
   * are replied as bytes. What is replied is whatever is at the other end: check
   * its type and its length.
   */
  send(key: string, command: Command): Promise<unknown>;
  /** Closes the connection; does not wait for answers. */
  close(): void;
}

/** Longest attempt to connect. */
export const CONNECT_TIMEOUT_MS = 1_000;

const FIRST_DELAY_MS = 25;
const LONGEST_DELAY_MS = 500;

/** How long to wait before the `retry`-th attempt to connect, from 1; a returning Redis is noticed within half a second. */
export function reconnectDelayMs(retry: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.min(retry, 10), LONGEST_DELAY_MS);
}
