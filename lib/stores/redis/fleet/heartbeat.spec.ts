import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Question } from '../outage/round-trips.js';
import { Heartbeat } from './heartbeat.js';

describe('the heartbeat', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A heartbeat that has been told each of the replies, one a second. */
  async function heartbeatThatHeard(replies: unknown[], assumed = 1) {
    const left = [...replies];
    const roundTrips = {
      async aside<Answer>({ read }: Question<Answer>) {
        const reply = left.shift();
        return reply === undefined ? undefined : read(reply);
      },
    };
    const heartbeat = new Heartbeat(roundTrips, 'instances', assumed);
    heartbeat.start();
    await vi.advanceTimersByTimeAsync(1_000 * (replies.length - 1));
    const instances = heartbeat.instances();
    await heartbeat.stop();
    return instances;
  }

  const known = (instances: number) => [instances, 1];
  const forgotten = (instances: number) => [instances, 0];

  it('uses the configured number until instances have been counted', async () => {
    expect(await heartbeatThatHeard([undefined], 3)).toBe(3);
    expect(await heartbeatThatHeard([forgotten(1)], 3)).toBe(3);
  });

  it('notices more instances at once', async () => {
    expect(await heartbeatThatHeard([forgotten(1), known(4)])).toBe(4);
  });

  it('notices fewer instances once every one had time to report again', async () => {
    const replies = [forgotten(1), known(2), known(2), known(2)];
    expect(await heartbeatThatHeard(replies, 4)).toBe(4);
    expect(await heartbeatThatHeard([...replies, known(2)], 4)).toBe(2);
  });

  it('counts no instance out because Redis lost its data, however often', async () => {
    const counted = [forgotten(1), known(4), known(4), known(4), known(4)];
    const loss = [forgotten(1), known(3)];
    const replies = [...counted, ...loss, ...loss, ...loss, ...loss];
    expect(await heartbeatThatHeard(replies)).toBe(4);
  });

  it('keeps its count while Redis is down', async () => {
    const counted = [forgotten(1), known(4), known(4), known(4), known(4)];
    expect(await heartbeatThatHeard([...counted, undefined, undefined])).toBe(
      4,
    );
  });
});
