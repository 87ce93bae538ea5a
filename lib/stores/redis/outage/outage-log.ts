import { Logger } from '@nestjs/common';
import { printable } from '../../../config/format/text.js';
import { storeChannel, StoreTransition } from '../../../events.js';

type FallbackName = Exclude<StoreTransition['decidedBy'], 'redis'>;

const WHAT_HOLDS: Record<FallbackName, string> = {
  local: 'this instance enforces its share of each limit',
  open: 'requests pass unlimited',
  closed: 'limited requests get 503',
};

/** What the scripts call, and what the clients of either library do when they connect. */
export const NEEDED_COMMANDS = [
  '+eval +evalsha +time +type +mget +set +setrange +del',
  '+zadd +zrem +zremrangebyscore +zremrangebyrank +zrange +zrangebyscore',
  '+zscore +zcard +pexpire +pexpireat +hello +auth +select +info +ping',
  '+cluster|slots +readonly',
].join(' ');

/** What to do about an outage, by what Redis or its client says of it; the first that fits. */
const REMEDIES: readonly (readonly [RegExp, (prefix: string) => string])[] = [
  [
    /NOPERM|ACL failure|no permissions|can't run this command/,
    (prefix) =>
      `the user of the store may not do what limits need: ACL SETUSER its name with ~${prefix}:* ${NEEDED_COMMANDS}`,
  ],
  [
    /NOAUTH|WRONGPASS|invalid password|without any password/,
    () =>
      'Redis asks for another user or password than the options of redisStore have',
  ],
  [
    /OOM|maxmemory/,
    () =>
      'Redis is full: raise its maxmemory, or give limits a Redis of their own',
  ],
  [
    /READONLY|read only replica/,
    () =>
      'this is a replica: name the master, or let `sentinel` or `cluster` find it',
  ],
  [
    /BUSY/,
    () => 'somebody runs a script that does not end: SCRIPT KILL ends it',
  ],
  [
    /MISCONF/,
    () => 'Redis cannot save its data and takes no writes: see its own log',
  ],
  [
    /unknown command|unknown subcommand|syntax error/i,
    () => 'it is no Redis 7 or Valkey, or its command was renamed',
  ],
  [
    /where Redis replies/,
    () =>
      'something else answers at this address, or a proxy that does not pass replies on as they are',
  ],
  [
    /^no answer in/,
    () =>
      'it is slow, or the way to it is; decisionBudget says how long to wait',
  ],
];

/** After so many outages in a minute the rest is counted and told once. */
const MOST_TOLD = 3;
const WINDOW_MS = 60_000;
/** What Redis and its clients say is cut after so much. */
const LONGEST_REASON = 160;

interface Told {
  outages: number;
  isDown: boolean;
  timer: NodeJS.Timeout;
}

/**
 * Says when a node goes down and when it is back: an event for each change of
 * state, and a line in the log for each, as long as they are few. Of a node that
 * flaps the log has one line a minute.
 */
export class OutageLog {
  private readonly logger = new Logger('Floodgate');
  private readonly nodes = new Map<string, Told>();

  /** @param prefix what the keys of limits begin with */
  constructor(
    private readonly fallback: FallbackName,
    private readonly prefix: string,
  ) {}

  /** Tells of a change: the reason, or nothing when the node is back. */
  readonly tell = (node: string, reason: string | undefined): void => {
    const isDown = reason !== undefined;
    const said = reason && printable(reason, LONGEST_REASON);
    this.write(node, said);
    if (!storeChannel.hasSubscribers) return;
    const transition: StoreTransition = {
      node,
      state: isDown ? 'down' : 'up',
      decidedBy: isDown ? this.fallback : 'redis',
      reason: said,
    };
    storeChannel.publish(transition);
  };

  /** Tells nothing any more. */
  close(): void {
    for (const { timer } of this.nodes.values()) clearTimeout(timer);
    this.nodes.clear();
  }

  private write(node: string, reason: string | undefined): void {
    const told = this.toldOf(node);
    const isDown = reason !== undefined;
    told.isDown = isDown;
    if (isDown) told.outages++;
    if (told.outages > MOST_TOLD) return;
    if (!isDown) {
      this.logger.log(`${nameOf(node)} is back: limits are shared again`);
      return;
    }
    const remedy = remedyFor(reason, this.prefix);
    const known = remedy === undefined ? '' : ` (${remedy})`;
    this.logger.warn(
      `${nameOf(node)} is down: ${reason}${known}; ${WHAT_HOLDS[this.fallback]}`,
    );
  }

  private toldOf(node: string): Told {
    const known = this.nodes.get(node);
    if (known) return known;
    const timer = setTimeout(() => this.endWindow(node), WINDOW_MS).unref();
    const told: Told = { outages: 0, isDown: false, timer };
    this.nodes.set(node, told);
    return told;
  }

  private endWindow(node: string): void {
    const told = this.nodes.get(node);
    this.nodes.delete(node);
    if (!told || told.outages <= MOST_TOLD) return;
    const now = told.isDown
      ? `down now; ${WHAT_HOLDS[this.fallback]}`
      : 'back now: limits are shared again';
    this.logger.warn(
      `${nameOf(node)} went down ${told.outages} times within a minute, and is ${now}; its answers are close to decisionBudget, or it is restarted again and again`,
    );
  }
}

function nameOf(node: string): string {
  return node === '' ? 'Redis' : `Redis at ${printable(node)}`;
}

/** What to do about an outage, where its reason says it. */
export function remedyFor(reason: string, prefix: string): string | undefined {
  return REMEDIES.find(([said]) => said.test(reason))?.[1](prefix);
}
