import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ownTimeMs } from '../../../test/support/own-time.js';
import { MemoryStore } from '../../stores/memory-store.js';
import { UNTOLD } from '../headers/quota-fields.js';
import { part } from '../parts.fixture.js';
import { RpcRequest } from '../rpc-request.fixture.js';
import { PlanGate } from './plan-gate.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** 100 000 requests a second, in virtual time. */
const STEP_MS = 0.01;
const POLITE = 100;
/** Each polite client calls once a second. */
const POLITE_EVERY = 1000 / STEP_MS / POLITE;
const STEP = 500;

/** Another address each time. */
const spoofed = (i: number) =>
  `${11 + (i >>> 24)}.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;

function heldMb(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** What becomes of polite clients, and of the process, while every other request comes from another address. */
function flood(addresses: number, perSecond: number, maxClients: number) {
  let nowMs = 0;
  const store = new MemoryStore(() => nowMs, maxClients);
  const client = part('client', perSecond, 1000, {
    client: (context) => context.getArgByIndex<string>(0),
  });
  const gate = new PlanGate([client], { store, writing: UNTOLD });
  const request = { caller: '' };
  const context = new RpcRequest('');
  Object.assign(context, { getArgByIndex: () => request.caller });
  const passes = (caller: string) => {
    nowMs += STEP_MS;
    request.caller = caller;
    return gate.pass(context) === undefined;
  };

  const before = heldMb();
  let politeRefused = 0;
  let longestMs = 0;
  for (let i = 0; i < addresses; i += STEP) {
    const startMs = ownTimeMs();
    for (let j = i; j < i + STEP; j++) {
      if (j % POLITE_EVERY === 0) {
        const caller = `192.0.2.${(j / POLITE_EVERY) % POLITE}`;
        if (!passes(caller)) politeRefused++;
      }
      passes(spoofed(j));
    }
    longestMs = Math.max(longestMs, ownTimeMs() - startMs);
  }
  return { politeRefused, longestMs, heldMb: heldMb() - before };
}

describe('PlanGate under ten million addresses', () => {
  it('serves polite clients, stays within its bound and never pauses for 50 ms', () => {
    const seen = flood(10_000_000, 10, 100_000);
    expect(seen.politeRefused).toBe(0);
    expect(seen.longestMs).toBeLessThan(50);
    expect(seen.heldMb).toBeLessThan(30);
  }, 300_000);
});
