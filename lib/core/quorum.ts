/** A single instance is never a quorum: what it sees may be its own problem. */
const LEAST = 2;

/** Reports when enough instances of a fleet agree, once each time that they do. */
export class Quorum {
  private isReached = false;

  /** @param share of the live instances that must agree; above 0 and at most 1 */
  constructor(private readonly share: number) {}

  /**
   * Updates how many instances agree.
   *
   * @param agreeing instances that agree
   * @param instances all live instances; a count that lags behind is corrected
   * @returns whether a quorum has formed since the last call
   */
  isNew(agreeing: number, instances: number): boolean {
    const wasReached = this.isReached;
    const all = Math.max(instances, agreeing, 1);
    this.isReached = agreeing >= LEAST && agreeing / all >= this.share;
    return this.isReached && !wasReached;
  }
}
