import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spec } from '../../bucket-store.fixture.js';
import { ReconnectingLink } from '../link/reconnecting-link.js';
import { Command, RedisLink } from '../link/redis-link.js';
import { RoundTrips } from '../outage/round-trips.js';
import { Batches } from './batches.js';
import { BucketKeys } from './bucket-keys.js';
import { decodeFloat64s } from './float64.js';
import { PendingPlan } from './pending-plan.js';

const BUDGET_MS = 10_000;
/** What fills a batch with plans of one bucket. */
const MOST_PLANS = 64;

/** It answers nothing, and writes once a turn, as the library `redis` does. */
class WritingLink implements RedisLink {
  readonly isCluster = false;
  readonly trouble = undefined;
  /** What was written at once, as the keys of each command. */
  readonly writes: string[][] = [];
  private unwritten: string[] = [];

  slotOf = (key: string) => (key.includes('far') ? 1 : 0);
  nodeOf = () => '';
  isReady = () => true;
  connect = () => Promise.resolve();

  send(key: string, command: Command): Promise<unknown> {
    if (this.unwritten.length === 0) setImmediate(() => this.write());
    this.unwritten.push(`${plansIn(command)} for ${key}`);
    return new Promise(() => {});
  }

  close(): void {}

  private write(): void {
    this.writes.push(this.unwritten);
    this.unwritten = [];
  }
}

/** How many plans of one bucket a command asks for. */
function plansIn([, , keys, ...rest]: Command): number {
  const figures = decodeFloat64s(rest[Number(keys)] as Buffer);
  const [firstPlan] = figures;
  return (figures.length - (firstPlan - 1)) / 2;
}

const turn = () => new Promise(setImmediate);

describe('plans that fill more than one batch in a turn', () => {
  let link: WritingLink;
  let batches: Batches;
  let told: unknown[];
  let trips: RoundTrips;

  beforeEach(() => {
    link = new WritingLink();
    told = [];
    trips = new RoundTrips(
      new ReconnectingLink(() => link),
      BUDGET_MS,
      () => performance.now(),
      () => {},
    );
    batches = new Batches(link, trips);
  });
  afterEach(() => {
    batches.close();
    trips.close();
  });

  function ask(id: string, plans: number, capacity = 9): void {
    const { limit, ...rest } = spec(id, capacity);
    const buckets = {
      keys: [
        new BucketKeys({ prefix: 'f', isCluster: false }, { ...rest, limit }),
      ],
      limits: [limit],
    };
    for (let i = 0; i < plans; i++) {
      const pending = new PendingPlan(
        buckets,
        [''],
        [1],
        1,
        (bought) => bought,
      );
      expect(batches.take(pending)).toBe(true);
      void pending.outcome().then((outcome) => told.push(outcome));
    }
  }

  it('leave in two writes, the first full batch ahead of the rest', async () => {
    ask('near', 2 * MOST_PLANS + 1);
    await turn();
    await turn();
    expect(link.writes).toEqual([
      ['64 for f:near'],
      ['64 for f:near', '1 for f:near'],
    ]);
  });

  it('leave together when no batch is full', async () => {
    ask('near', 1);
    ask('far', MOST_PLANS - 1);
    await turn();
    await turn();
    expect(link.writes).toEqual([['1 for f:near', '63 for f:far']]);
  });

  it('wait for no longer than the turn, however many there are', async () => {
    ask('near', 100 * MOST_PLANS);
    ask('far', 3 * MOST_PLANS + 5);
    await turn();
    await turn();
    expect(link.writes.map((write) => write.length)).toEqual([1, 99 + 4]);
    ask('near', MOST_PLANS);
    await turn();
    expect(link.writes.at(-1)).toEqual(['64 for f:near']);
  });

  it('leave in order of arrival, even if they differ on a limit', async () => {
    ask('near', 1, 9);
    ask('near', 2, 4);
    ask('far', 6, 9);
    ask('near', 3, 9);
    await turn();
    await turn();
    expect(link.writes).toEqual([
      ['1 for f:near'],
      ['2 for f:near', '6 for f:far', '3 for f:near'],
    ]);
  });

  it('receive no answer when the store closes, and those not yet sent stay', async () => {
    ask('near', MOST_PLANS + 1);
    batches.close();
    trips.close();
    await turn();
    await turn();
    expect(told).toEqual(
      Array.from({ length: MOST_PLANS + 1 }, () => undefined),
    );
    expect(link.writes).toEqual([['64 for f:near']]);
  });
});
