import { onTestFinished, vi } from 'vitest';
import { backend } from '../../config/schema/backend.schema.js';
import { NO_DEADLINE } from '../../core/time/deadline.js';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { BucketStore } from '../../stores/bucket-store.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { CallSignal } from '../attempt/call-signal.js';
import { Admission } from './admission.js';
import { AdmissionRequest, CallPermit } from './permit.js';
import { CallRejection } from './rejection.js';

const clock = () => performance.now();

/** Switches the test to virtual time. */
export function virtualTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** The result of one call. */
export interface Outcome {
  readonly call: string;
  readonly atMs: number;
  readonly permit?: CallPermit;
  readonly rejection?: CallRejection;
  readonly error?: { readonly name: string };
}

/** An admission whose calls are made and ended by name. */
export function admissionInVirtualTime(options: object, store?: BucketStore) {
  const config = backend.parse({ hosts: ['http://a'], ...options });
  const buckets = store ?? new MemoryStore(clock, 10);
  const admission = new Admission('catalog', config, buckets, clock);
  const outcomes: Outcome[] = [];
  const call = async (name: string, own: Partial<AdmissionRequest> = {}) => {
    const plan = admission.plans.running();
    const signal = new CallSignal();
    const request = { plan, deadline: NO_DEADLINE, signal, ...own };
    const note = (end: Partial<Outcome>): Outcome => {
      const outcome = { call: name, atMs: clock(), ...end };
      outcomes.push(outcome);
      return outcome;
    };

    try {
      const asked = admission.admit(request, clock());
      const admitted = asked instanceof Promise ? await asked : asked;
      return 'reason' in admitted
        ? note({ rejection: admitted })
        : note({ permit: admitted });
    } catch (error) {
      return note({ error: error as Outcome['error'] });
    }
  };
  /** Ends an admitted call. */
  const end = (
    { permit }: Outcome,
    outcome: CallOutcome = 'success',
    tookMs = 0,
  ) => {
    admission.record(permit!, outcome, tookMs);
    admission.leave(permit!);
  };
  return { admission, outcomes, call, end, clock };
}

/** Lets promises settle without advancing time. */
export async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Admitted calls, by name. */
export function passed(outcomes: readonly Outcome[]): string[] {
  return outcomes.filter(({ permit }) => permit).map(({ call }) => call);
}
