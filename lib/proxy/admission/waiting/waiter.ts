import { CanceledError } from 'axios';
import { RequestEnd } from '../../../context/request-life.js';
import { Waiting } from '../../../core/waiting/wait-queue.js';
import { CallOrder } from '../../call/call-order.js';
import { Passage } from '../passage.js';

/** A call that waits for its passage. It holds nothing, so that whoever gives up leaves everything to the others. */
export class Waiter implements Waiting {
  readonly priority: number;
  /** Settled once: with the passage, or with why there is none. */
  readonly passage: Promise<Passage>;
  private resolve!: (passage: Passage) => void;
  private reject!: (error: unknown) => void;

  /**
   * @param order the call
   * @param expiresAtMs until when it can wait
   * @param arrival its number among all who came
   * @param leave lets it out of the line when its caller goes away
   */
  constructor(
    private readonly order: CallOrder,
    readonly expiresAtMs: number,
    readonly arrival: number,
    private readonly leave: (waiter: Waiter) => void,
  ) {
    this.priority = order.priority ?? 0;
    this.passage = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    order.life?.onEnd(this.onRequestEnd);
    order.request.signal?.addEventListener?.('abort', this.cancel);
  }

  admit(passage: Passage): void {
    this.unhook();
    this.resolve(passage);
  }

  refuse(error: unknown): void {
    this.unhook();
    this.reject(error);
  }

  /** Ends the waiting of a call that nobody wants any more. */
  readonly cancel = (): void => {
    this.leave(this);
    this.refuse(new CanceledError());
  };

  /** What passed is the deadline, within which it also waits: the line refuses it then, if it is not served. */
  private readonly onRequestEnd = (end: RequestEnd) => {
    if (end === 'caller-left') this.cancel();
  };

  private unhook(): void {
    this.order.life?.offEnd(this.onRequestEnd);
    this.order.request.signal?.removeEventListener?.('abort', this.cancel);
  }
}
