/** Each bucket is a quarter of an octave, so quantiles are accurate within 19 %. */
const BUCKETS_PER_OCTAVE = 4;
/** From below 1 ms to above one minute. */
const BUCKETS = 16 * BUCKETS_PER_OCTAVE + 1;
/** At this count, all counts are halved: the past fades. */
const FADES_AT = 1000;

/** Durations of recent calls: a histogram on a logarithmic scale that fades by halves. Allocates nothing after creation. */
export class LatencyDigest {
  private readonly buckets = new Float64Array(BUCKETS);
  private total = 0;

  /** The approximate number of calls in it, mostly recent ones. */
  get count(): number {
    return this.total;
  }

  /** Adds the duration of a call. */
  record(tookMs: number): void {
    this.buckets[bucketOf(tookMs)]++;
    this.total++;
    if (this.total >= FADES_AT) this.fade();
  }

  /**
   * The time within which a share of the calls ended, rounded up.
   *
   * @param share such as 0.95
   * @returns milliseconds; 0 without calls
   */
  quantileMs(share: number): number {
    let left = share * this.total;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.buckets[bucket];
      if (left <= 0 && this.buckets[bucket] > 0)
        return 2 ** (bucket / BUCKETS_PER_OCTAVE);
    }
    return 0;
  }

  private fade(): void {
    this.total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      this.buckets[bucket] /= 2;
      this.total += this.buckets[bucket];
    }
  }
}

function bucketOf(tookMs: number): number {
  if (!(tookMs > 1)) return 0;
  const bucket = Math.ceil(Math.log2(tookMs) * BUCKETS_PER_OCTAVE);
  return Math.min(bucket, BUCKETS - 1);
}
