import { ProblemException } from '../../problem/problem-exception.js';
import { problemKinds } from '../../problem/problem-kind.js';

const COME_BACK_MS = 1_000;

/** 503: the shared store cannot be asked, and `onStoreFailure` is `closed`. */
export class StoreUnavailableException extends ProblemException {
  constructor() {
    const detail = 'Limits cannot be checked for the moment; try again later.';
    super(problemKinds.reducedCapacity, detail, COME_BACK_MS);
  }
}
