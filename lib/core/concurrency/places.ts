/** How many may be underway at once. */
export interface ConcurrencyLimit {
  /** The present bound; from 1. */
  readonly current: number;
}

/** The places of what may be underway at once: each is taken, and given back once. */
export class Places {
  private taken = 0;

  constructor(private readonly bound: ConcurrencyLimit) {}

  /** Places taken now. */
  get underway(): number {
    return this.taken;
  }

  /** Places there are now. */
  get limit(): number {
    return this.bound.current;
  }

  /** Takes a place if one is free; tells whether it did. A limit that fell below what is underway frees places as calls end. */
  tryTake(): boolean {
    if (this.taken >= this.bound.current) return false;
    this.taken++;
    return true;
  }

  giveBack(): void {
    this.taken--;
  }
}
