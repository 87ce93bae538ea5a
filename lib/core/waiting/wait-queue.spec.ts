import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WaitQueue } from './wait-queue.js';

interface Guest {
  readonly name: number;
  readonly priority: number;
  readonly expiresAtMs: number;
}

/** The queue as one would explain it: a list, sorted by priority, those of the same in the order of their coming. */
class SortedList {
  guests: Guest[] = [];

  join(guest: Guest) {
    const behind = this.guests.findIndex((g) => g.priority < guest.priority);
    const at = behind === -1 ? this.guests.length : behind;
    this.guests.splice(at, 0, guest);
  }

  leave(guest: Guest): boolean {
    const isIn = this.guests.includes(guest);
    this.guests = this.guests.filter((g) => g !== guest);
    return isIn;
  }

  leaveExpiring(beforeMs: number): Guest[] {
    const expiring = this.guests.filter((g) => g.expiresAtMs < beforeMs);
    this.guests = this.guests.filter((g) => g.expiresAtMs >= beforeMs);
    return expiring;
  }
}

type Step =
  | { do: 'join'; priority: number; forMs: number }
  | { do: 'leave'; who: number }
  | { do: 'serve' }
  | { do: 'expire'; afterMs: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('join' as const),
        priority: fc.constantFrom(-1, 0, 0, 0, 2.5, 7),
        forMs: fc.integer({ min: 0, max: 50 }),
      }),
    },
    fc.record({ do: fc.constant('leave' as const), who: fc.nat(60) }),
    { weight: 2, arbitrary: fc.record({ do: fc.constant('serve' as const) }) },
    fc.record({
      do: fc.constant('expire' as const),
      afterMs: fc.integer({ min: 0, max: 20 }),
    }),
  ),
  { maxLength: 80, size: 'max' },
);

/** Takes one step with a queue that remembers who has ever come. */
function take(
  step: Step,
  queue: Pick<SortedList, 'join' | 'leave' | 'leaveExpiring'>,
  come: Guest[],
  nowMs: number,
): unknown {
  if (step.do === 'join') return queue.join(come.at(-1)!);
  if (step.do === 'expire') return queue.leaveExpiring(nowMs);
  if (come.length === 0) return false;
  return queue.leave(come[step.do === 'leave' ? step.who % come.length : 0]);
}

describe('WaitQueue', () => {
  it('serves, counts and removes exactly like a sorted list', () => {
    fc.assert(
      fc.property(steps, (steps) => {
        const queue = new WaitQueue<Guest>();
        const list = new SortedList();
        const come: Guest[] = [];
        let nowMs = 0;
        for (const step of steps) {
          if (step.do === 'expire') nowMs += step.afterMs;
          if (step.do === 'join') {
            const { priority, forMs } = step;
            const expiresAtMs = nowMs + forMs;
            come.push({ name: come.length, priority, expiresAtMs });
          }
          const whom = step.do === 'serve' ? list.guests.slice(0, 1) : come;
          const expected = take(step, list, whom, nowMs);
          expect(take(step, queue, whom, nowMs)).toEqual(expected);
          expect(queue.head).toBe(list.guests[0]);
          expect(queue.size).toBe(list.guests.length);
          for (const priority of [-2, 0, 3, 8]) {
            const ahead = list.guests.filter((g) => g.priority >= priority);
            expect(queue.aheadOf(priority)).toBe(ahead.length);
          }
          const expiries = list.guests.map((g) => g.expiresAtMs);
          expect(queue.soonestExpiryMs).toBeLessThanOrEqual(
            Math.min(...expiries),
          );
        }
        expect(queue.leaveAll()).toEqual(list.guests);
        expect(queue.size).toBe(0);
        expect(queue.head).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});
