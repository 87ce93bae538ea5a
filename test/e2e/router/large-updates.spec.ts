import { setImmediate as nextTurn } from 'node:timers/promises';
import { Controller, Get, Type } from '@nestjs/common';
import {
  RouterRateLimit,
  ThrottleOptions,
  ThrottleService,
} from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { phases } from '../../support/gateway.js';
import { itemsOf } from '../../support/http-call.js';
import { ownTimeMs } from '../../support/own-time.js';
import { useGateway } from '../../support/use-gateway.js';

const CONTROLLERS = 100;
const HANDLERS_EACH = 100;
const LONGEST_TURN_MS = 100;
/** What else a machine does only adds to a turn, so the best of some updates counts. */
const UPDATES = 3;

const policyNames = Array.from({ length: CONTROLLERS }, (_, i) => `p${i}`);

/** Ten thousand limited handlers, a hundred of which share the name of a policy. */
function controllers(): Type[] {
  return policyNames.map((policy, c) => {
    class LargeController {}
    for (let h = 0; h < HANDLERS_EACH; h++) {
      const name = `find${h}`;
      const prototype = LargeController.prototype as Record<string, unknown>;
      prototype[name] = () => 'ok';
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
      for (const decorate of [
        Get(name),
        RouterRateLimit(),
        RouterRateLimit(policy),
      ]) {
        decorate(prototype, name, descriptor);
      }
    }
    Controller(`c${c}`)(LargeController);
    return LargeController;
  });
}

const upTo = (capacity: number) =>
  ({
    maxRate: 1,
    capacity,
    clientMaxRate: 1,
    clientCapacity: capacity,
    every: '1h',
  }) as const;

const policies = (capacity: number): ThrottleOptions['policies'] =>
  Object.fromEntries(policyNames.map((name) => [name, upTo(capacity)]));

const routes = (capacity: number): ThrottleOptions['routes'] =>
  Object.fromEntries(
    policyNames.flatMap((_, c) =>
      Array.from({ length: HANDLERS_EACH }, (__, h) => [
        `GET /c${c}/find${h}`,
        { limits: { ...upTo(capacity), name: 'more' } },
      ]),
    ),
  );

/** The longest that one turn of the event loop takes until `run` is done, in time of this thread alone. */
async function longestTurnOf(run: () => unknown): Promise<number> {
  let longest = 0;
  const over = new AbortController();
  const watching = (async () => {
    for (let last = ownTimeMs(); !over.signal.aborted; last = ownTimeMs()) {
      await nextTurn();
      longest = Math.max(longest, ownTimeMs() - last);
    }
  })();
  await nextTurn();
  await run();
  await nextTurn();
  over.abort();
  await watching;
  return longest;
}

describe.each(phases)(
  'an update of ten thousand routes in phase %s',
  (phase) => {
    const gateway = useGateway(
      'fastify',
      { policies: policies(9), routes: routes(9), phase },
      { controllers: controllers() },
    );

    it('blocks the event loop for at most 100 ms at a time', async () => {
      const throttle = gateway.app.get(ThrottleService);
      const turns: number[] = [];
      for (let i = 1; i <= UPDATES; i++) {
        const capacity = 9 + i;
        const next: ThrottleOptions = {
          policies: policies(capacity),
          routes: routes(capacity),
          phase,
        };
        turns.push(await longestTurnOf(() => throttle.update(next)));
      }
      const answer = await gateway.call('/c99/find99');
      const items = itemsOf(answer, 'ratelimit-policy');
      expect(items).toMatchObject({ p99: { q: 12 }, more: { q: 12 } });
      expect(Math.min(...turns)).toBeLessThanOrEqual(LONGEST_TURN_MS);
    }, 120_000);
  },
);
