import { describe, expect, it } from 'vitest';
import { NO_DEADLINE } from '../../core/time/deadline.js';
import { CallSignal } from '../attempt/call-signal.js';
import { Lane, Lanes, Waiter } from './lane.js';
import { NO_PLACE, CallRejection } from './rejection.js';

const pausedFor = (retryAfterMs: number): CallRejection => ({
  reason: 'quota',
  retryAfterMs,
});

let arrivals = 0;

function waiterIn(lane: Lane, { priority = 0, expiresAtMs = Infinity } = {}) {
  const signal = new CallSignal();
  const request = { plan: undefined, priority, deadline: NO_DEADLINE, signal };
  const waiter = new Waiter(request, expiresAtMs, arrivals++, (gone) => {
    lane.queue.leave(gone);
  });
  lane.queue.join(waiter);
  return { waiter, signal };
}

describe('a lane', () => {
  it('is due once what was lacking may be there, or sooner where it is reopened', () => {
    const lane = new Lane(undefined, pausedFor(100), 0);
    waiterIn(lane);
    expect([lane.isDue(99), lane.isDue(100)]).toEqual([false, true]);
    lane.reopen();
    expect(lane.isDue(0)).toBe(true);
  });

  it('is due for nobody, or while a store decides for its first', () => {
    const lane = new Lane(undefined, pausedFor(0), 0);
    expect(lane.isDue(0)).toBe(false);
    waiterIn(lane);
    lane.isAsking = true;
    expect(lane.isDue(0)).toBe(false);
  });

  it('wakes for what comes first: its turn, or the end of somebody’s patience', () => {
    const lane = new Lane(undefined, pausedFor(100), 0);
    expect(lane.wakeAtMs).toBe(Infinity);
    waiterIn(lane, { expiresAtMs: 500 });
    expect(lane.wakeAtMs).toBe(100);
    waiterIn(lane, { expiresAtMs: 50 });
    expect(lane.wakeAtMs).toBe(50);
  });

  it('lets those out whose time ends before anybody can pass', () => {
    const lane = new Lane(undefined, pausedFor(100), 0);
    const { waiter } = waiterIn(lane, { expiresAtMs: 99 });
    waiterIn(lane, { expiresAtMs: 101 });
    expect(lane.leaveLate(0)).toEqual([waiter]);
    expect(lane.queue.size).toBe(1);
  });

  it('knows no time for a place, since only the end of another call tells', () => {
    const lane = new Lane(undefined, NO_PLACE, 0);
    waiterIn(lane);
    expect([lane.wakeAtMs, lane.waitMs(3, 3, 0)]).toEqual([Infinity, 0]);
  });
});

describe('those who wait', () => {
  it('leave with the reason of their cancel, and leave their place to others', async () => {
    const lane = new Lane(undefined, pausedFor(100), 0);
    const { waiter, signal } = waiterIn(lane);
    const reason = new Error('gone');
    signal.abort(reason);
    await expect(waiter.admitted).rejects.toBe(reason);
    expect(lane.queue.size).toBe(0);
  });

  it('are served by priority over all lanes, and by arrival within one', () => {
    const lanes = new Lanes();
    const own = new Lane(undefined, pausedFor(0), 0);
    const entry = new Lane({} as never, pausedFor(0), 0);
    for (const lane of [own, entry]) lanes.add(lane);
    waiterIn(own);
    waiterIn(entry);
    expect(lanes.nextDue(0)).toBe(own);
    waiterIn(entry, { priority: 1 });
    expect(lanes.nextDue(0)).toBe(entry);
    expect([lanes.waiting, lanes.aheadOf(0), lanes.aheadOf(1)]).toEqual([
      3, 3, 1,
    ]);
  });

  it('close the lanes that they leave', () => {
    const lanes = new Lanes();
    const lane = new Lane(undefined, pausedFor(0), 0);
    lanes.add(lane);
    waiterIn(lane);
    lanes.closeUnused();
    expect(lanes.isEmpty).toBe(false);
    lane.leaveFirst();
    lanes.closeUnused();
    expect(lanes.isEmpty).toBe(true);
  });
});
