import { Receipt, RequestEnd } from '../gate/gate.js';

/** A receipt that is still being written when the request goes on. */
export class LateReceipt implements Receipt {
  constructor(private readonly coming: Promise<Receipt | undefined>) {}

  async settle(end: RequestEnd): Promise<void> {
    const receipt = await this.coming;
    await receipt?.settle(end);
  }
}
