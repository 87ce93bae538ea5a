import { describe, expect, it } from 'vitest';
import { CallOutcome } from '../breaker/circuit-breaker.js';
import { HostPool, NO_TURN, PoolSettings } from './host-pool.js';

const SETTINGS: PoolSettings = {
  hosts: 3,
  loadBalancing: 'round-robin',
  consecutiveErrors: 2,
  ejection: { baseMs: 1000, maxMs: 2500 },
  rest: { baseMs: 100, maxMs: 250 },
  probeMaxMs: 500,
  maxEjected: 3,
};

function poolOf(changes: Partial<PoolSettings> = {}): HostPool {
  return new HostPool({ ...SETTINGS, ...changes });
}

/** Makes calls until one has come to `host`, and ends that one so; all others succeed. */
function callTo(
  pool: HostPool,
  host: number,
  outcome: CallOutcome,
  nowMs: number,
): boolean {
  for (let i = 0; i < 10; i++) {
    const turn = pool.next(nowMs);
    if (pool.indexOf(turn) === host) return pool.settle(turn, outcome, nowMs);
    pool.settle(turn, 'success', nowMs);
  }
  throw new Error(`no call came to host ${host}`);
}

/** Ejects a host. */
function eject(pool: HostPool, host: number, nowMs: number): void {
  callTo(pool, host, 'failure', nowMs);
  callTo(pool, host, 'failure', nowMs);
}

const statesOf = (pool: HostPool) => pool.hosts.map(({ state }) => state);

/** Which hosts the next calls come to; they succeed. */
function visited(pool: HostPool, calls: number, nowMs: number): number[] {
  return Array.from({ length: calls }, () => {
    const turn = pool.next(nowMs);
    pool.settle(turn, 'success', nowMs);
    return pool.indexOf(turn);
  });
}

describe('a failing host', () => {
  it('is ejected after consecutiveErrors failures in a row', () => {
    const pool = poolOf();
    callTo(pool, 1, 'failure', 0);
    callTo(pool, 1, 'success', 0);
    callTo(pool, 1, 'failure', 0);
    expect(statesOf(pool)).toEqual(['active', 'active', 'active']);
    callTo(pool, 1, 'failure', 0);
    expect(statesOf(pool)).toEqual(['active', 'ejected', 'active']);
    expect(visited(pool, 4, 999)).not.toContain(1);
  });

  it('is not charged with calls that say nothing about it', () => {
    const pool = poolOf();
    callTo(pool, 1, 'failure', 0);
    callTo(pool, 1, 'ignored', 0);
    expect(pool.hosts[1].consecutiveErrors).toBe(1);
  });

  it('counts for the backend while it is in rotation, and not once ejected', () => {
    const pool = poolOf();
    const late = [pool.next(0), pool.next(0), pool.next(0)];
    expect(callTo(pool, 1, 'failure', 0)).toBe(true);
    expect(callTo(pool, 1, 'failure', 0)).toBe(false);
    expect(pool.settle(late[1], 'failure', 0)).toBe(false);
    expect(pool.settle(late[0], 'failure', 0)).toBe(true);
  });

  it('stays in rotation when too many others are ejected', () => {
    const pool = poolOf({ maxEjected: 1 });
    eject(pool, 0, 0);
    eject(pool, 1, 0);
    expect(statesOf(pool)).toEqual(['ejected', 'active', 'active']);
  });

  it('is ejected by a later failure once another host is back, and by nothing else', () => {
    const pool = poolOf({ maxEjected: 1 });
    eject(pool, 0, 0);
    eject(pool, 1, 0);
    callTo(pool, 0, 'success', 1000);
    callTo(pool, 1, 'ignored', 1000);
    expect(pool.activeCount).toBe(3);
    callTo(pool, 1, 'failure', 1000);
    expect(statesOf(pool)).toEqual(['active', 'ejected', 'active']);
  });

  it('is ejected despite other ejections when all hosts may be', () => {
    const pool = poolOf();
    for (const host of [0, 1, 2]) eject(pool, host, 0);
    expect(pool.activeCount).toBe(0);
  });
});

describe('an ejected host', () => {
  it('gets one probe when its ejection ends and returns once that succeeds', () => {
    const pool = poolOf();
    eject(pool, 1, 0);
    const turns = Array.from({ length: 9 }, () => pool.next(1000));
    const probes = turns.filter((turn) => pool.indexOf(turn) === 1);
    expect(probes).toHaveLength(1);
    expect(pool.hosts[1].state).toBe('probing');
    pool.settle(probes[0], 'success', 1001);
    expect(pool.hosts[1].state).toBe('active');
    expect(new Set(visited(pool, 3, 1001))).toEqual(new Set([0, 1, 2]));
  });

  it('is ejected for longer each time its probe fails, up to a maximum', () => {
    const pool = poolOf();
    eject(pool, 1, 0);
    const outForMs: number[] = [];
    let nowMs = 0;
    for (let i = 0; i < 3; i++) {
      outForMs.push(pool.hosts[1].outForMs(nowMs));
      nowMs += pool.hosts[1].outForMs(nowMs);
      expect(callTo(pool, 1, 'failure', nowMs)).toBe(false);
    }
    outForMs.push(pool.hosts[1].outForMs(nowMs));
    expect(outForMs).toEqual([1000, 2000, 2500, 2500]);
  });

  it('is ejected for longer when it fails soon after its return, but not after a long time in rotation', () => {
    const pool = poolOf();
    eject(pool, 1, 0);
    callTo(pool, 1, 'success', 1000);
    eject(pool, 1, 1500);
    expect(pool.hosts[1].outForMs(1500)).toBe(2000);
    callTo(pool, 1, 'success', 3500);
    eject(pool, 1, 5501);
    expect(pool.hosts[1].outForMs(5501)).toBe(1000);
  });

  it('gets another probe when the first is inconclusive or hangs', () => {
    const pool = poolOf();
    eject(pool, 1, 0);
    callTo(pool, 1, 'ignored', 1000);
    expect(visited(pool, 3, 1000)).toContain(1);

    const other = poolOf();
    eject(other, 1, 0);
    const hangs = [other.next(1000), other.next(1000), other.next(1000)];
    expect(hangs.map((turn) => other.indexOf(turn))).toContain(1);
    expect(visited(other, 4, 1499)).not.toContain(1);
    expect(visited(other, 4, 1500)).toContain(1);
  });

  it('is not restored by a call from before its ejection', () => {
    const pool = poolOf();
    const late = [pool.next(0), pool.next(0), pool.next(0)];
    eject(pool, 1, 0);
    for (const turn of late) pool.settle(turn, 'success', 10);
    expect(pool.hosts[1].state).toBe('ejected');
  });
});

describe('a host that refuses connections', () => {
  it('rests, longer each time in a row, however many calls failed to connect', () => {
    const pool = poolOf({ maxEjected: 1 });
    const outForMs: number[] = [];
    let nowMs = 0;
    for (let i = 0; i < 4; i++) {
      const turns = [pool.next(nowMs), pool.next(nowMs), pool.next(nowMs)];
      for (let calls = 0; calls < 50; calls++) pool.rest(0, nowMs);
      for (const turn of turns) {
        const isDown = pool.indexOf(turn) === 0;
        pool.settle(turn, isDown ? 'failure' : 'success', nowMs);
      }
      outForMs.push(pool.hosts[0].outForMs(nowMs));
      nowMs += pool.hosts[0].outForMs(nowMs);
    }
    expect(outForMs).toEqual([100, 200, 250, 250]);
  });

  it('rests even if others are ejected', () => {
    const pool = poolOf({ maxEjected: 1 });
    for (const host of [0, 1, 2]) pool.rest(host, 0);
    expect(pool.activeCount).toBe(0);
  });
});

describe('a pool whose hosts are all ejected', () => {
  function panicking(): HostPool {
    const pool = poolOf();
    for (const host of [0, 1, 2]) pool.rest(host, 0);
    return pool;
  }

  it('tries all of them in turn and counts failures against the backend', () => {
    const pool = panicking();
    const turns = Array.from({ length: 6 }, () => pool.next(1));
    expect(turns.map((turn) => pool.indexOf(turn))).toEqual([0, 1, 2, 0, 1, 2]);
    expect(turns.map((turn) => pool.settle(turn, 'failure', 2))).toEqual(
      Array(6).fill(true),
    );
  });

  it('restores the first host that answers', () => {
    const pool = panicking();
    const [, second] = [pool.next(1), pool.next(1)];
    pool.settle(second, 'success', 2);
    expect(statesOf(pool)).toEqual(['ejected', 'active', 'ejected']);
    expect(visited(pool, 3, 3)).toEqual([1, 1, 1]);
  });
});

describe('round-robin', () => {
  it('avoids the given host', () => {
    const pool = poolOf();
    const failed = pool.next(0);
    for (let i = 0; i < 10; i++) {
      const turn = pool.next(0, failed);
      expect(pool.indexOf(turn)).not.toBe(pool.indexOf(failed));
    }
  });

  it('prefers a host in rotation to another that is ejected', () => {
    const pool = poolOf({ hosts: 2 });
    const first = pool.next(0);
    pool.rest(1, 0);
    expect(pool.indexOf(first)).toBe(0);
    expect(pool.indexOf(pool.next(0, first))).toBe(0);
  });

  it('avoids the given host even when all hosts are ejected', () => {
    const pool = poolOf({ hosts: 2 });
    const first = pool.next(0);
    pool.rest(0, 0);
    pool.rest(1, 0);
    expect(pool.indexOf(pool.next(0, first))).toBe(1);
  });

  it('stays at a single host', () => {
    const pool = poolOf({ hosts: 1 });
    expect(pool.indexOf(pool.next(0, pool.next(0)))).toBe(0);
  });

  it('says nothing about any host when there is none', () => {
    const pool = poolOf();
    expect(pool.settle(NO_TURN, 'failure', 0)).toBe(true);
    expect(pool.hosts.every(({ consecutiveErrors: n }) => n === 0)).toBe(true);
  });
});

describe('least-pending', () => {
  it('picks the host with the fewest calls in flight, in turn among equals', () => {
    const pool = poolOf({ loadBalancing: 'least-pending' });
    const turns = Array.from({ length: 6 }, () => pool.next(0));
    expect(turns.map((turn) => pool.indexOf(turn))).toEqual([0, 1, 2, 0, 1, 2]);
    pool.settle(turns[1], 'success', 0);
    pool.settle(turns[4], 'success', 0);
    pool.settle(turns[2], 'success', 0);
    expect(pool.indexOf(pool.next(0))).toBe(1);
    expect(pool.hosts.map(({ pending }) => pending)).toEqual([2, 1, 1]);
  });

  it('skips an ejected host even if it is idle', () => {
    const pool = poolOf({ loadBalancing: 'least-pending' });
    pool.rest(1, 0);
    const turns = Array.from({ length: 4 }, () => pool.next(0));
    expect(turns.map((turn) => pool.indexOf(turn))).toEqual([0, 2, 0, 2]);
  });
});
