import { ExecutionContext } from '@nestjs/common';
import { BucketView } from './bucket-view.js';
import { RequestOutcome } from '../../config/schema/limit-fields.js';

/** How a request ended, without what each limit charged for it. */
export type RequestEnd = Omit<RequestOutcome, 'cost'>;

/** What a request was charged, where that is settled by its outcome. */
export interface Receipt {
  /** Gives back or charges the difference; called once. */
  settle(end: RequestEnd): void | Promise<void>;
}

/** A request that got through, at once wherever everything it needs is there at once. */
export type Passage = Receipt | undefined | Promise<Receipt | undefined>;

/** What a request passes, or is refused at. */
export interface Gate {
  /** @throws RouterRefusal when the request is refused */
  pass(context: ExecutionContext): Passage;
  /**
   * The buckets that the request would meet, charged by nothing.
   *
   * @throws what `pass` throws for a request that does not come as far as its buckets
   */
  look(context: ExecutionContext): Promise<readonly BucketView[]>;
}
