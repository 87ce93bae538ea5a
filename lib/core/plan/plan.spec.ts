import { describe, expect, it } from 'vitest';
import { bucketLimit } from '../bucket/bucket-limit.js';
import { BucketTable } from '../bucket/bucket-table.js';
import { Plan } from './plan.js';
import { TokenBucket } from '../bucket/token-bucket.js';

const ENDPOINT = bucketLimit({ maxRate: 10, everyMs: 1_000, capacity: 5 });
const CLIENT = bucketLimit({ maxRate: 1, everyMs: 1_000, capacity: 2 });

function endpointAndClients() {
  const endpoint = new TokenBucket(ENDPOINT);
  const clients = new BucketTable(CLIENT, 100);
  return { endpoint, clients, plan: new Plan([endpoint, clients]) };
}

describe('Plan', () => {
  it('charges every bucket when all admit and reports what is left', () => {
    const { plan, endpoint, clients } = endpointAndClients();
    expect(plan.decide(['', 'ann'], [1, 2], 0)).toBe(true);
    expect(plan.admitted).toBe(true);
    expect(plan.retryAfterMs).toBe(0);
    expect([...plan.waitsMs]).toEqual([0, 0]);
    expect([...plan.tokens]).toEqual([4, 0]);
    expect(endpoint.available(0)).toBe(4);
    expect(clients.levels.tokensIn(clients.find('ann'), 0)).toBe(0);
  });

  it('charges no bucket when one refuses, whatever its position', () => {
    const { plan, endpoint, clients } = endpointAndClients();
    plan.decide(['', 'ann'], [1, 2], 0);
    expect(plan.decide(['', 'ann'], [1, 1], 0)).toBe(false);
    expect(endpoint.available(0)).toBe(4);
    expect(plan.decide(['', 'bob'], [5, 1], 0)).toBe(false);
    expect(clients.find('bob')).toBe(clients.find('nobody'));
    expect(clients.size).toBe(1);
  });

  it('reports which buckets refuse, for how long, and every level', () => {
    const { plan } = endpointAndClients();
    plan.decide(['', 'ann'], [4, 2], 0);
    expect(plan.decide(['', 'ann'], [3, 1], 0)).toBe(false);
    expect(plan.admitted).toBe(false);
    expect([...plan.waitsMs]).toEqual([200, 1_000]);
    expect(plan.retryAfterMs).toBe(1_000);
    expect([...plan.tokens]).toEqual([1, 0]);
  });

  it('reports that a cost above a capacity never passes', () => {
    const { plan } = endpointAndClients();
    expect(plan.decide(['', 'ann'], [1, 3], 0)).toBe(false);
    expect([...plan.waitsMs]).toEqual([0, Infinity]);
    expect(plan.retryAfterMs).toBe(Infinity);
  });

  it.each([NaN, -1])('refuses a cost of %d for good', (cost) => {
    const { plan } = endpointAndClients();
    expect(plan.decide(['', 'ann'], [1, cost], 0)).toBe(false);
    expect(plan.retryAfterMs).toBe(Infinity);
    expect(plan.decide(['', 'ann'], [cost, 1], 0)).toBe(false);
    expect([...plan.tokens]).toEqual([5, 2]);
  });

  it('clears the previous refusal when it admits', () => {
    const { plan } = endpointAndClients();
    plan.decide(['', 'ann'], [1, 3], 0);
    expect(plan.decide(['', 'ann'], [1, 1], 0)).toBe(true);
    expect(plan.admitted).toBe(true);
    expect(plan.retryAfterMs).toBe(0);
    expect([...plan.waitsMs]).toEqual([0, 0]);
  });

  it('admits everything without buckets', () => {
    const plan = new Plan([]);
    expect(plan.decide([], [], 0)).toBe(true);
  });

  it('shares buckets with another plan', () => {
    const shared = new TokenBucket(ENDPOINT);
    const [one, other] = [new Plan([shared]), new Plan([shared])];
    expect(one.decide([''], [3], 0)).toBe(true);
    expect(other.decide([''], [3], 0)).toBe(false);
    expect(other.decide([''], [2], 0)).toBe(true);
  });
});
