import { onTestFinished, vi } from 'vitest';
import { backend } from '../../../config/schema/backend.schema.js';
import { NO_DEADLINE } from '../../../core/time/deadline.js';
import { BucketStore } from '../../../stores/bucket-store.js';
import { MemoryStore } from '../../../stores/memory-store.js';
import { BackendGuard } from '../../backend-guard.js';
import { CallOrder } from '../../call/call-order.js';
import { Passage } from '../passage.js';

const clock = () => performance.now();

/** Lets the test make time pass, and counts the timers that are set. */
export function virtualTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** How a call came out, in the order in which they did. */
export interface Outcome {
  readonly call: string;
  readonly atMs: number;
  readonly passage?: Passage;
  readonly error?: { readonly name: string; readonly retryAfterMs?: number };
}

/** A guard whose calls and their ends can be written down by name. */
export function guardInVirtualTime(options: object, store?: BucketStore) {
  const config = backend.parse({ hosts: ['http://a'], ...options });
  const guard = new BackendGuard(
    'catalog',
    config,
    store ?? new MemoryStore(clock, 10),
    clock,
  );
  const outcomes: Outcome[] = [];
  const call = async (name: string, order: Partial<CallOrder> = {}) => {
    const whole = { request: {}, life: undefined, deadline: NO_DEADLINE };
    const note = (end: Pick<Outcome, 'passage' | 'error'>): Outcome => {
      const outcome = { call: name, atMs: clock(), ...end };
      outcomes.push(outcome);
      return outcome;
    };

    try {
      const admitted = guard.admit({ ...whole, ...order }, clock());
      const passage = admitted instanceof Promise ? await admitted : admitted;
      return note({ passage });
    } catch (error) {
      return note({ error: error as Outcome['error'] });
    }
  };
  return { guard, outcomes, call, clock };
}

/** Lets promises settle, without making time pass. */
export async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Those that passed, by name. */
export function passed(outcomes: readonly Outcome[]): string[] {
  return outcomes.filter(({ passage }) => passage).map(({ call }) => call);
}
