import { describe, expect, it, onTestFinished } from 'vitest';
import { BackendCall } from './backend-call.js';
import { CallsUnderway } from './calls-underway.js';

function callsForTest(count: number): BackendCall[] {
  const calls = Array.from({ length: count }, () => new BackendCall(60_000));
  onTestFinished(() => calls.forEach((call) => call.done()));
  return calls;
}

const cancelled = (calls: BackendCall[]) =>
  calls.map(({ signal }) => signal.aborted);

describe('the calls underway', () => {
  it('are cancelled together, without those that are over, in whatever order they ended', () => {
    const underway = new CallsUnderway();
    const calls = callsForTest(6);
    for (const call of calls) underway.add(call);
    for (const over of [0, 5, 2]) underway.remove(calls[over]);
    underway.cancel();
    expect(cancelled(calls)).toEqual([false, true, false, true, true, false]);
  });

  it('take others in the places of those that are over', () => {
    const underway = new CallsUnderway();
    const [first, second, third] = callsForTest(3);
    underway.add(first);
    underway.add(second);
    underway.remove(first);
    underway.add(third);
    underway.remove(second);
    underway.cancel();
    expect(cancelled([first, second, third])).toEqual([false, false, true]);
  });

  it('are all cancelled although each leaves as it ends', () => {
    const underway = new CallsUnderway();
    const calls = callsForTest(5);
    for (const call of calls) {
      underway.add(call);
      call.signal.onAbort(() => underway.remove(call));
    }
    underway.cancel();
    expect(cancelled(calls)).not.toContain(false);
  });
});
