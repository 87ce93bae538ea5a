/** Reads monotonic time in milliseconds; a wall clock that is set changes nothing. */
export type Clock = () => number;

/** The clock of this process. */
export const processClock: Clock = () => performance.now();
