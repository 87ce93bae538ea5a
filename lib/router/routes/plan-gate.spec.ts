import { ExecutionContext } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../stores/memory-store.js';
import { UNTOLD } from '../headers/quota-fields.js';
import { part, reasonOf } from '../parts.fixture.js';
import { Rejection } from '../reject/rejection.js';
import { RpcRequest } from '../rpc-request.fixture.js';
import { PlanGate } from './plan-gate.js';
import { RoutePart } from './route-part.js';

const HOUR_MS = 3_600_000;

function gateOf(...parts: RoutePart[]): PlanGate {
  const store = new MemoryStore(() => 0, 100);
  return new PlanGate(parts, { store, writing: UNTOLD });
}

const callerOf = (context: ExecutionContext) =>
  context.getArgByIndex<string>(0);
const once = (client: RoutePart['client'], more: Partial<RoutePart> = {}) =>
  part('client', 1, HOUR_MS, { client, ...more });

describe('PlanGate', () => {
  it('decides at once when the keys are available at once', () => {
    const gate = gateOf(part('endpoint', 9), once(callerOf));
    expect(gate.pass(new RpcRequest('ann'))).toBeUndefined();
    expect(gate.pass(new RpcRequest('ann'))).toMatchObject({
      reason: 'client',
      policies: ['client'],
    });
  });

  it('keeps concurrent requests apart while they wait for their keys', async () => {
    const waiting = new Map<string, () => void>();
    const gate = gateOf(
      once(
        (context) =>
          new Promise((resolve) => {
            const caller = callerOf(context);
            waiting.set(caller, () => resolve(caller));
          }),
      ),
      once(callerOf, { id: 'router:test:other' }),
    );
    const [ann, ben] = ['ann', 'ben'].map((caller) =>
      gate.pass(new RpcRequest(caller)),
    );
    waiting.get('ben')!();
    await ben;
    waiting.get('ann')!();
    await ann;

    const again = gate.pass(new RpcRequest('ann'));
    waiting.get('ann')!();
    expect(await reasonOf(again)).toBe('client');
  });

  it('charges nothing when a key function fails', async () => {
    let isBroken = true;
    const key = async () => {
      if (isBroken) throw new Error('no directory');
      return Promise.resolve('ann');
    };
    const gate = gateOf(part('endpoint', 1, HOUR_MS), once(key));
    await expect(gate.pass(new RpcRequest('ann'))).rejects.toThrow(
      'no directory',
    );
    isBroken = false;
    await expect(gate.pass(new RpcRequest('ann'))).resolves.toBeUndefined();
  });

  it('refuses a request without a client key before it charges anything', () => {
    const gate = gateOf(part('endpoint', 1, HOUR_MS), once(callerOf));
    expect(gate.pass(new RpcRequest(''))).toMatchObject({
      reason: 'missing-key',
    });
    expect(gate.pass(new RpcRequest('ann'))).toBeUndefined();
  });

  it('skips only limits that allow a missing key', () => {
    const gate = gateOf(
      once(callerOf, { onMissingKey: 'skip' }),
      part('endpoint', 2, HOUR_MS),
    );
    for (let i = 0; i < 2; i++) {
      expect(gate.pass(new RpcRequest(''))).toBeUndefined();
    }
    expect(gate.pass(new RpcRequest(''))).toMatchObject({ reason: 'endpoint' });
  });

  it('lets one limit refuse what another would skip', () => {
    const gate = gateOf(
      once(() => '', { onMissingKey: 'skip' }),
      once(() => '', { id: 'router:test:strict', policy: 'strict' }),
    );
    const rejection = gate.pass(new RpcRequest('ann')) as Rejection;
    expect(rejection).toMatchObject({
      reason: 'missing-key',
      policies: ['strict'],
    });
  });

  it("reports the client's buckets when both they and the shared ones refuse", () => {
    const gate = gateOf(part('endpoint', 1, HOUR_MS), once(callerOf));
    gate.pass(new RpcRequest('ann'));
    expect(gate.pass(new RpcRequest('ann'))).toMatchObject({
      reason: 'client',
      policies: ['client'],
    });
    expect(gate.pass(new RpcRequest('ben'))).toMatchObject({
      reason: 'endpoint',
      policies: ['endpoint'],
    });
  });

  it('reports no wait when a request costs more than a bucket holds', () => {
    const gate = gateOf(part('endpoint', 2, HOUR_MS, { cost: 3 }));
    const rejection = gate.pass(new RpcRequest('ann')) as Rejection;
    expect(rejection.retryAfterMs).toBeUndefined();
  });

  it('throws when a cost function returns no cost', () => {
    const gate = gateOf(part('endpoint', 2, HOUR_MS, { cost: () => NaN }));
    expect(() => gate.pass(new RpcRequest('ann'))).toThrow(
      'the cost function of router:test:endpoint returned NaN',
    );
  });

  it('does not affect the limits in force until activated', () => {
    let nowMs = 0;
    const store = new MemoryStore(() => nowMs, 100);
    const terms = { store, writing: UNTOLD };
    const first = new PlanGate([part('endpoint', 2, HOUR_MS)], terms);
    expect(first.pass(new RpcRequest('ann'))).toBeUndefined();
    const planned: { activate?(): void }[] = [];
    const next = new PlanGate([part('endpoint', 1, HOUR_MS)], {
      ...terms,
      edition: 1,
      onPlanned: (plan) => planned.push(plan),
    });
    expect(first.pass(new RpcRequest('ann'))).toBeUndefined();
    nowMs += 2 * HOUR_MS;
    for (const plan of planned) plan.activate?.();
    expect(next.pass(new RpcRequest('ann'))).toBeUndefined();
    expect(next.pass(new RpcRequest('ann'))).toMatchObject({
      reason: 'endpoint',
    });
  });
});
