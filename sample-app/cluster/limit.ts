/** What the fleet admits, however many instances it has. */
export const RATE_PER_SECOND = 100;
export const CAPACITY = 100;

/** The most that one instance with this limit would admit in that time. */
export function allowedIn(ms: number): number {
  return CAPACITY + (RATE_PER_SECOND * ms) / 1000;
}
