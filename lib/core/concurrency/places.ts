/** Bounds how many calls run at once. */
export interface ConcurrencyLimit {
  /** The current bound; from 1. */
  readonly current: number;
}

/** Concurrency slots: each is taken and given back once. */
export class Places {
  private taken = 0;

  constructor(private readonly bound: ConcurrencyLimit) {}

  /** Slots in use. */
  get underway(): number {
    return this.taken;
  }

  /** Slots there are now. */
  get limit(): number {
    return this.bound.current;
  }

  /**
   * Takes a slot if one is free; returns whether it did. If the limit falls
   * below the slots in use, they become free as calls end.
   */
  tryTake(): boolean {
    if (this.taken >= this.bound.current) return false;
    this.taken++;
    return true;
  }

  giveBack(): void {
    this.taken--;
  }
}
