import { Receipt, RequestEnd } from '../gate/gate.js';

/** Two receipts of one request. */
export class Receipts implements Receipt {
  private constructor(
    private readonly first: Receipt,
    private readonly second: Receipt,
  ) {}

  /** Whichever there are. */
  static both(
    first: Receipt | undefined,
    second: Receipt | undefined,
  ): Receipt | undefined {
    return first && second ? new Receipts(first, second) : (first ?? second);
  }

  async settle(end: RequestEnd): Promise<void> {
    await Promise.all([settled(this.first, end), settled(this.second, end)]);
  }
}

/** An error of one must not keep the other from being settled. */
async function settled(receipt: Receipt, end: RequestEnd): Promise<void> {
  await receipt.settle(end);
}
