import { setTimeout as sleep } from 'node:timers/promises';
import { makeCall } from './call.js';
import type { Answer } from './evidence.js';

/** Customers of one kind. */
export interface Crowd {
  group: string;
  /** One API key each. */
  customers: string[];
  /** Calls per second of each customer. */
  perSecond: number;
  /** Path of the n-th call. */
  path(n: number): string;
}

export type Listener = (answer: Omit<Answer, 'phase'>) => void;

/**
 * Lets a crowd call for a while. Calls are sent when they are due, whether or
 * not earlier ones were answered: real customers do not wait for each other.
 */
export async function drive(
  gateway: string,
  crowd: Crowd,
  seconds: number,
  onAnswer: Listener,
): Promise<void> {
  const { group, customers, perSecond, path } = crowd;
  const everyMs = 1000 / perSecond;
  const calls: Promise<void>[] = [];

  async function customerLife(apiKey: string, index: number): Promise<void> {
    // Customers do not arrive in step either.
    const startMs = performance.now() + (everyMs * index) / customers.length;
    for (let n = 0; n < seconds * perSecond; n++) {
      const waitMs = startMs + n * everyMs - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      const call = makeCall({ url: gateway + path(n), apiKey });
      calls.push(call.then((answer) => onAnswer({ group, ...answer })));
    }
  }

  await Promise.all(customers.map(customerLife));
  await Promise.all(calls);
}
