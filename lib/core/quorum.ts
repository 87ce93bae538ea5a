/** One instance alone is never a quorum: what it sees may be its own trouble. */
const LEAST = 2;

/** Tells when enough instances of a fleet agree, once for each time that they come to. */
export class Quorum {
  private isReached = false;

  /** @param share of the instances alive that must agree; above 0 and at most 1 */
  constructor(private readonly share: number) {}

  /**
   * Takes in how many agree now.
   *
   * @param agreeing instances that say so
   * @param instances all that are alive; a count that lags behind is corrected
   * @returns whether a quorum has come about since the last time
   */
  isNew(agreeing: number, instances: number): boolean {
    const wasReached = this.isReached;
    const all = Math.max(instances, agreeing, 1);
    this.isReached = agreeing >= LEAST && agreeing / all >= this.share;
    return this.isReached && !wasReached;
  }
}
