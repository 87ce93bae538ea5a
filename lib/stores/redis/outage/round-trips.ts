import { messageOf } from '../../../config/format/text.js';
import { Clock } from '../../clock.js';
import { ReconnectingLink } from '../link/reconnecting-link.js';
import { Argument } from '../link/redis-link.js';
import { PROBE, Script } from '../lua/script.js';
import { DecisionBudget, TimedWait } from './decision-budget.js';
import { NodeHealth } from './node-health.js';
import { UnexpectedReply } from './unexpected-reply.js';

/** What no request waits for is given up after so long. */
const LONGEST_ASIDE_MS = 1_000;
/** A probe must be this much faster than the budget, so that what follows it has a margin. */
const PROBE_SHARE = 0.8;

/** Told when a node goes down, with the reason, and when it is back. */
export type OutageListener = (node: string, reason: string | undefined) => void;

/** What is asked of Redis. */
export interface Question<Answer> {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  /** Reads the reply, which may be anything; throws `UnexpectedReply` where it is not what the script replies. */
  read(reply: unknown): Answer;
}

/** One question to Redis that somebody waits for, until it is answered or its time is up. */
export class RoundTrip<Answer> implements TimedWait {
  isSettled = false;
  /** Resolves with the answer, or with nothing. */
  readonly ended: Promise<Answer | undefined>;
  private resolve!: (answer: Answer | undefined) => void;

  constructor(
    /** Says that there was none, and why. */
    readonly fail: (reason: string) => void,
    private readonly lateReason: string,
  ) {
    this.ended = new Promise((resolve) => (this.resolve = resolve));
  }

  settle(answer: Answer | undefined): void {
    this.isSettled = true;
    this.resolve(answer);
  }

  expire(): void {
    this.settle(undefined);
    this.fail(this.lateReason);
  }
}

/**
 * Makes the round trips to Redis: each ends within the budget, and none is begun
 * that would find nobody. An outage costs the requests that are on their way the
 * budget, and those that follow nothing.
 */
export class RoundTrips {
  private readonly nodes = new Map<string, NodeHealth>();
  private readonly budget: DecisionBudget;
  private readonly lateReason: string;
  private isClosed = false;
  private probes = 0;

  constructor(
    private readonly link: ReconnectingLink,
    private readonly budgetMs: number,
    private readonly clock: Clock,
    private readonly onOutage: OutageListener,
  ) {
    this.budget = new DecisionBudget(budgetMs, clock);
    this.lateReason = `no answer in ${budgetMs} ms`;
  }

  /**
   * Begins a round trip to a node, if it would find anybody.
   *
   * @param probeKey a key there that stands for nothing
   */
  begin<Answer>(
    node: string,
    probeKey: () => string,
  ): RoundTrip<Answer> | undefined {
    if (this.isClosed) return undefined;
    const health = this.healthOf(node);
    if (health.isDown) return undefined;
    if (!this.link.isReady()) {
      health.fail(this.noConnection(), probeKey());
      return undefined;
    }
    const { outages } = health;
    const trip = new RoundTrip<Answer>((reason) => {
      // What was asked before an outage says nothing about the node after it.
      if (health.outages === outages) health.fail(reason, probeKey());
    }, this.lateReason);
    this.budget.watch(trip, this.clock());
    return trip;
  }

  /** Makes a round trip that was begun. */
  async run<Answer>(
    trip: RoundTrip<Answer>,
    { script, keys, args, read }: Question<Answer>,
  ): Promise<void> {
    if (trip.isSettled) return;
    try {
      const reply = await script.run(this.link, keys, args);
      if (!trip.isSettled) trip.settle(read(reply));
    } catch (error) {
      if (trip.isSettled) return;
      trip.settle(undefined);
      this.judge(error, trip.fail);
    }
  }

  /** Asks what no request waits for: nothing is returned where there is no answer within a second. */
  async aside<Answer>(question: Question<Answer>): Promise<Answer | undefined> {
    const { script, keys, args, read } = question;
    if (this.isClosed || !this.link.isReady()) return undefined;
    try {
      const running = script.run(this.link, keys, args);
      const reply = await inTime(running, LONGEST_ASIDE_MS);
      if (reply !== LATE) return read(reply);
      this.link.renew(this.clock());
      return undefined;
    } catch {
      // The decisions tell that Redis is gone.
      return undefined;
    }
  }

  /** Looks whether a node takes limits before it is asked for any, so that what is missing is told at the start. */
  async greet(key: string): Promise<void> {
    const node = this.link.nodeOf(this.link.slotOf(key));
    const reason = await this.probe(key);
    // A first answer may be late; the decisions will tell.
    if (reason === undefined || reason === this.lateReason) return;
    if (!this.isClosed) this.healthOf(node).fail(reason, key);
  }

  /** Nobody waits any longer, and that nobody was answered is no outage. */
  close(): void {
    this.isClosed = true;
    for (const health of this.nodes.values()) health.close();
    this.budget.close();
  }

  private judge(error: unknown, fail: (reason: string) => void): void {
    const reason = messageOf(error);
    if (isPassing(reason)) return;
    // A connection that is out of step stays so.
    if (error instanceof UnexpectedReply) this.link.renew(this.clock());
    fail(reason);
  }

  /** Finds out whether the node does what a decision needs, in time: why it does not, or nothing. No request waits for it. */
  private async probe(key: string): Promise<string | undefined> {
    if (!this.link.isReady()) return this.noConnection();
    const beganMs = this.clock();
    const text = `probe ${++this.probes}`;
    try {
      const running = PROBE.run(this.link, [key], [text]);
      const reply = await inTime(running, LONGEST_ASIDE_MS);
      const isAnswer = Buffer.isBuffer(reply) && reply.toString() === text;
      // No answer of any kind, or that to another question: the connection itself may be dead, or out of step.
      if (!isAnswer) this.link.renew(this.clock());
      if (reply === LATE) return this.lateReason;
      if (!isAnswer) return new UnexpectedReply(reply, 'the probe').message;
      const tookMs = this.clock() - beganMs;
      return tookMs <= this.budgetMs * PROBE_SHARE
        ? undefined
        : this.lateReason;
    } catch (error) {
      return messageOf(error);
    }
  }

  private noConnection(): string {
    const { trouble } = this.link;
    return trouble === undefined
      ? 'there is no connection'
      : `there is no connection (${trouble})`;
  }

  private healthOf(node: string): NodeHealth {
    const known = this.nodes.get(node);
    if (known) return known;
    const made = new NodeHealth(
      (key) => this.probe(key),
      this.clock,
      (reason) => {
        if (!this.isClosed) this.onOutage(node, reason);
      },
    );
    this.nodes.set(node, made);
    return made;
  }
}

const LATE = Symbol('late');

/** The outcome of a promise, or `LATE` where it takes longer. */
async function inTime(
  running: Promise<unknown>,
  mostMs: number,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(LATE), mostMs).unref();
  });
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A slot on its way to another node, whose keys are in two places for the moment. */
function isPassing(reason: string): boolean {
  return reason.startsWith('TRYAGAIN');
}
