import { ExecutionContext } from '@nestjs/common';
import { Receipt, RequestEnd } from '../gate/gate.js';

/** What an answer looks like from outside. */
export type SeenAnswer = Pick<RequestEnd, 'status' | 'bytes' | 'callerLeft'>;

/** One request on its way: what it was charged, and what its handler said. Settled once. */
export class Settlement {
  private readonly charges: { receipt: Receipt; context: ExecutionContext }[] =
    [];
  private seen: SeenAnswer | undefined;
  private value: unknown;
  private error: unknown;

  /** @param onError told when a settle function or the store fails: there is no caller left to tell */
  constructor(private readonly onError: (error: unknown) => void) {}

  /** Adds what a gate charged; settled at once when the request is over already. */
  add(receipt: Receipt, context: ExecutionContext): void {
    this.charges.push({ receipt, context });
    if (this.seen) this.settle();
  }

  answered(value: unknown): void {
    this.value = value;
  }

  failed(error: unknown): void {
    this.error = error;
  }

  /** The request is over. */
  end(seen: SeenAnswer): void {
    if (this.seen) return;
    this.seen = seen;
    this.settle();
  }

  private settle(): void {
    const { value, error, seen = { callerLeft: false } } = this;
    for (const { receipt, context } of this.charges.splice(0)) {
      void settled(receipt, { ...seen, context, value, error }).catch(
        this.onError,
      );
    }
  }
}

async function settled(receipt: Receipt, end: RequestEnd): Promise<void> {
  await receipt.settle(end);
}
