import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NodeHealth } from './node-health.js';

/** By then a node that answers again must be asked again. */
const RETURN_MS = 1_500;

describe('NodeHealth', () => {
  let answers: (nowMs: number) => boolean;
  let changes: { reason?: string; atMs: number }[];
  let probes: number[];
  let health: NodeHealth;

  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    answers = () => false;
    changes = [];
    probes = [];
    const probe = (): Promise<string | undefined> => {
      probes.push(Date.now());
      return Promise.resolve(answers(Date.now()) ? undefined : 'no');
    };
    health = new NodeHealth(
      probe,
      () => Date.now(),
      (reason) => changes.push({ reason, atMs: Date.now() }),
    );
  });
  afterEach(() => {
    health.close();
    vi.useRealTimers();
  });

  it('goes down on the first failure and reports it once', () => {
    health.fail('no answer', 'key');
    health.fail('no answer', 'key');
    expect(health.isDown).toBe(true);
    expect(changes).toEqual([{ reason: 'no answer', atMs: 0 }]);
  });

  it('probes between twice a second and twice a tenth of a second without any request', async () => {
    health.fail('no answer', 'key');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(probes.length).toBeGreaterThan(40);
    expect(probes.length).toBeLessThan(100);
  });

  it('recovers on the second successful probe in a row', async () => {
    const replies = [true, false, true, true];
    answers = () => replies.shift() ?? true;
    health.fail('no answer', 'key');
    await vi.advanceTimersByTimeAsync(RETURN_MS);
    expect(changes.map(({ reason }) => reason)).toEqual([
      'no answer',
      undefined,
    ]);
    expect(probes).toHaveLength(4);
  });

  it.each([0, 1, 2, 3, 5, 10])(
    'recovers within 1.5 s of the return of Redis, even after %d other outages',
    async (before) => {
      for (let i = 0; i < before; i++) {
        answers = () => true;
        health.fail('flapping', 'key');
        await vi.advanceTimersByTimeAsync(RETURN_MS);
        expect(health.isDown).toBe(false);
      }
      answers = () => false;
      health.fail('gone', 'key');
      await vi.advanceTimersByTimeAsync(5_000);
      answers = () => true;
      await vi.advanceTimersByTimeAsync(RETURN_MS);
      expect(health.isDown).toBe(false);
    },
  );

  it('changes rarely when half of the requests fail', async () => {
    let count = 0;
    answers = () => ++count % 2 === 0;
    for (let atMs = 0; atMs < 10_000; atMs += 2) {
      if (!health.isDown) health.fail('no answer', 'key');
      await vi.advanceTimersByTimeAsync(2);
    }
    expect(changes).toHaveLength(1);
  });

  it('changes ever more rarely when probes succeed but requests fail', async () => {
    answers = () => true;
    for (let atMs = 0; atMs < 60_000; atMs += 2) {
      if (!health.isDown) health.fail('no answer', 'key');
      await vi.advanceTimersByTimeAsync(2);
    }
    // Two for each outage, which takes most of a second.
    expect(changes.length).toBeLessThan(2 * 75);
  });

  it('forgets that it flapped after ten seconds of answers', async () => {
    answers = () => true;
    for (let i = 0; i < 5; i++) {
      health.fail('flapping', 'key');
      await vi.advanceTimersByTimeAsync(RETURN_MS);
    }
    await vi.advanceTimersByTimeAsync(10_000);
    probes = [];
    health.fail('once', 'key');
    await vi.advanceTimersByTimeAsync(RETURN_MS);
    expect(probes).toHaveLength(2);
  });

  it('leaves no timer behind when closed', async () => {
    health.fail('no answer', 'key');
    health.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(probes).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
