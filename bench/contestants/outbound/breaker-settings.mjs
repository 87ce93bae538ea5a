/** How long a call may take, for all that have such an option. */
export const TIMEOUT_MS = 2000;
/** Longer than any run, so that no probe disturbs a measurement of the open state. */
export const OPEN_MS = 3_600_000;
/** Failures that open a breaker: the first when it is to stand open, otherwise more than any run makes. */
export function mostErrors(opens) {
  return opens ? 1 : 1_000_000_000;
}
