import { ExecutionContext } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../stores/memory-store.js';
import { part } from '../parts.fixture.js';
import {
  ClientRateLimitedException,
  ClientUnknownException,
} from '../refusals.js';
import { UNTOLD } from '../fields/quota-fields.js';
import { orThrow } from './or-throw.js';
import { PlanGate } from './plan-gate.js';
import { RoutePart } from '../route-part.js';
import { RpcRequest } from '../rpc-request.fixture.js';
import { RoutePlan } from './route-plan.js';

const HOUR_MS = 3_600_000;

function gateOf(...parts: RoutePart[]): PlanGate {
  const store = new MemoryStore(() => 0, 100);
  const planOf = (parts: readonly RoutePart[]) =>
    new RoutePlan(parts, { store }, UNTOLD);
  return new PlanGate(parts, planOf);
}

const callerOf = (context: ExecutionContext) =>
  context.getArgByIndex<string>(0);
const once = (client: RoutePart['client'], more: Partial<RoutePart> = {}) =>
  part('client', 1, HOUR_MS, { client, ...more });

describe('the gate of a plan', () => {
  it('decides at once when keys are there at once', () => {
    const gate = gateOf(part('endpoint', 9), once(callerOf));
    expect(orThrow(gate.pass(new RpcRequest('ann')))).toBeUndefined();
    expect(() => orThrow(gate.pass(new RpcRequest('ann')))).toThrow(
      ClientRateLimitedException,
    );
  });

  it('keeps the keys of requests apart that wait for them at the same time', async () => {
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
      orThrow(gate.pass(new RpcRequest(caller))),
    );
    waiting.get('ben')!();
    await ben;
    waiting.get('ann')!();
    await ann;

    const again = orThrow(gate.pass(new RpcRequest('ann')));
    waiting.get('ann')!();
    await expect(again).rejects.toThrow(ClientRateLimitedException);
  });

  it('charges nothing when a key cannot be told', async () => {
    let isBroken = true;
    const key = async () => {
      if (isBroken) throw new Error('no directory');
      return Promise.resolve('ann');
    };
    const gate = gateOf(part('endpoint', 1, HOUR_MS), once(key));
    await expect(orThrow(gate.pass(new RpcRequest('ann')))).rejects.toThrow(
      'no directory',
    );
    isBroken = false;
    await expect(
      orThrow(gate.pass(new RpcRequest('ann'))),
    ).resolves.toBeUndefined();
  });

  it('refuses who does not say who is calling, before anything is charged', () => {
    const gate = gateOf(part('endpoint', 1, HOUR_MS), once(callerOf));
    expect(() => orThrow(gate.pass(new RpcRequest('')))).toThrow(
      ClientUnknownException,
    );
    expect(orThrow(gate.pass(new RpcRequest('ann')))).toBeUndefined();
  });

  it('skips only the limits that can do without a key', () => {
    const gate = gateOf(
      once(callerOf, { onMissingKey: 'skip' }),
      part('endpoint', 2, HOUR_MS),
    );
    for (let i = 0; i < 2; i++) {
      expect(orThrow(gate.pass(new RpcRequest('')))).toBeUndefined();
    }
    expect(() => orThrow(gate.pass(new RpcRequest('')))).toThrow(
      /more requests than/,
    );
  });

  it('lets one limit reject what another would skip', () => {
    const gate = gateOf(
      once(() => '', { onMissingKey: 'skip' }),
      once(() => '', { id: 'router:test:strict', policy: 'strict' }),
    );
    const rejected = attempt(() => orThrow(gate.pass(new RpcRequest('ann'))));
    expect(rejected).toBeInstanceOf(ClientUnknownException);
    expect(
      (rejected as ClientUnknownException).problem['violated-policies'],
    ).toEqual(['strict']);
  });
});

/** What `work` throws. */
function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
