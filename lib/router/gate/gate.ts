import { ExecutionContext } from '@nestjs/common';
import { BucketView } from './bucket-view.js';
import type { Refusal } from '../refusal.js';
import { RequestOutcome } from '../../config/schema/limit-fields.js';

/** How a request ended, without what each limit charged for it. */
export type RequestEnd = Omit<RequestOutcome, 'cost'>;

/** What a request was charged, where that is settled by its outcome. */
export interface Receipt {
  /** Gives back or charges the difference; called once. */
  settle(end: RequestEnd): void | Promise<void>;
}

/** A request that got through, with what it was charged where that is settled. */
export type Admission = Receipt | undefined;

/** What became of a request; at once wherever everything it needs is there at once. A refusal is given back, since throwing one costs more than to come to it. */
export type Passage = Admission | Refusal | Promise<Admission | Refusal>;

/** What a request passes, or is refused at. */
export interface Gate {
  /** @throws errors of the application's functions and of the store */
  pass(context: ExecutionContext): Passage;
  /**
   * The buckets that the request would meet, charged by nothing.
   *
   * @throws what `pass` gives back or throws for a request that does not come as far as its buckets
   */
  look(context: ExecutionContext): Promise<readonly BucketView[]>;
}
