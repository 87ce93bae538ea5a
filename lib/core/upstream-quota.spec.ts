import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UpstreamQuota } from './upstream-quota.js';

/** Sends as many as may be at one instant, up to 100. */
function burst(quota: UpstreamQuota, nowMs: number): number {
  let sent = 0;
  while (sent < 100 && quota.waitMs(nowMs) === 0) {
    quota.take();
    sent++;
  }
  return sent;
}

describe('UpstreamQuota', () => {
  it('limits nothing before the backend has reported anything', () => {
    expect(burst(new UpstreamQuota(), 0)).toBe(100);
  });

  it('holds all calls until the end of a pause, or of the latest of several', () => {
    const quota = new UpstreamQuota();
    quota.pause(500);
    quota.pause(300);
    expect([0, 499, 500].map((ms) => quota.waitMs(ms))).toEqual([500, 1, 0]);
    expect(burst(quota, 500)).toBe(100);
  });

  it('admits as many calls as are left, and the next when the window ends', () => {
    const quota = new UpstreamQuota();
    quota.allow(3, 1000, quota.lastCall);
    expect(burst(quota, 10)).toBe(3);
    expect(quota.waitMs(10)).toBe(990);
    expect(burst(quota, 1000)).toBe(100);
  });

  it('counts the calls sent after the one whose answer it reads', () => {
    const quota = new UpstreamQuota();
    quota.take();
    const answered = quota.lastCall;
    for (let i = 0; i < 4; i++) quota.take();
    quota.allow(6, 1000, answered);
    expect(burst(quota, 0)).toBe(2);
  });

  it('follows the answer to the latest call, whichever arrives last', () => {
    const quota = new UpstreamQuota();
    quota.take();
    quota.take();
    quota.allow(0, 1000, 2);
    quota.allow(50, 1000, 1);
    expect(burst(quota, 0)).toBe(0);
  });

  it('takes back a call that was not sent after all', () => {
    const quota = new UpstreamQuota();
    quota.allow(1, 1000, 0);
    quota.take();
    quota.giveBack();
    expect(burst(quota, 0)).toBe(1);
  });

  it('never exceeds a window, whatever is reported in any order', () => {
    const said = fc.array(fc.record({ left: fc.nat(10), calls: fc.nat(5) }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(said, (reports) => {
        const quota = new UpstreamQuota();
        for (const { left, calls } of reports) {
          quota.allow(left, 1000, quota.lastCall);
          let sent = 0;
          while (sent < calls && quota.waitMs(0) === 0) {
            quota.take();
            sent++;
          }
          expect(sent).toBeLessThanOrEqual(left);
        }
      }),
    );
  });
});
