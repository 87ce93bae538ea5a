import { expect } from 'vitest';

/** Retries without pauses that would only slow the tests. */
export const retry = { limit: 2, baseDelay: '1ms' };

/** An error that comes with an answer of this status. */
export const answeredWith = (status: number): unknown =>
  expect.objectContaining({
    response: expect.objectContaining({ status }),
  });
