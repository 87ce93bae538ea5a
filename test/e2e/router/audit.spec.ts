import { Controller, Get, LoggerService } from '@nestjs/common';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { AuditCounts, RefusalEvent, RouterRateLimit } from 'nestjs-floodgate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayParts, servers } from '../../support/gateway.js';
import { itemsOf, statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const hourly = { every: '1h' } as const;

@Controller()
class TriedController {
  @RouterRateLimit([
    { name: 'trial', maxRate: 1, capacity: 1, ...hourly, mode: 'audit' },
    { name: 'real', maxRate: 3, capacity: 3, ...hourly },
  ])
  @Get('tried')
  tried() {}

  @RouterRateLimit({
    name: 'broken',
    clientMaxRate: 1,
    ...hourly,
    mode: 'audit',
    strategy: async () => {
      await Promise.resolve();
      throw new Error('no\nsuch directory');
    },
  })
  @Get('broken')
  broken() {}

  @RouterRateLimit({
    name: 'unknown',
    clientMaxRate: 1,
    ...hourly,
    mode: 'audit',
    strategy: () => undefined,
    deny: ['203.0.113.0/24'],
  })
  @Get('unknown')
  unknown() {}

  @RouterRateLimit({
    name: 'enforced',
    maxRate: 1,
    capacity: 1,
    ...hourly,
    mode: 'enforce',
  })
  @Get('enforced')
  enforced() {}

  @RouterRateLimit({ name: 'usual', maxRate: 1, capacity: 1, ...hourly })
  @Get('usual')
  usual() {}
}

/** Keeps what is logged as a warning. */
class Warnings implements LoggerService {
  readonly lines: string[] = [];
  log() {}
  error() {}
  warn(line: string) {
    this.lines.push(line);
  }
}

const events: RefusalEvent[] = [];
const note = (event: unknown) => events.push(event as RefusalEvent);

describe.each(servers)('limits in audit mode on %s', (server) => {
  const logger = new Warnings();
  const parts: GatewayParts = { controllers: [TriedController], logger };

  beforeEach(() => {
    events.length = 0;
    logger.lines.length = 0;
    subscribe('floodgate:refusal', note);
  });
  afterEach(() => {
    unsubscribe('floodgate:refusal', note);
  });

  describe('set on the limit', () => {
    const gateway = useGateway(server, {}, parts);
    const countOf = (name: string) =>
      gateway.app.get(AuditCounts).all.find(({ policy }) => policy === name);

    it('refuse nobody, reveal nothing to callers and do not reduce what the others admit', async () => {
      const answer = await gateway.call('/tried');
      expect(Object.keys(itemsOf(answer, 'ratelimit'))).toEqual(['real']);
      const rest = await statusesOf(3, () => gateway.call('/tried'));
      expect(rest).toEqual([200, 200, 503]);
    });

    it('count what they would have refused of the requests that the others admit', () => {
      expect(countOf('trial')).toMatchObject({ requests: 3, refused: 2 });
      expect(countOf('trial')?.route).toMatch(/TriedController\.tried$/);
      expect(countOf('real')).toBeUndefined();
    });

    it('publish each refusal on a channel, beside those that are enforced', async () => {
      await gateway.call('/tried');
      await gateway.call('/enforced');
      await gateway.call('/enforced');
      expect(events.map(({ policies, mode }) => [mode, ...policies])).toEqual([
        ['enforce', 'real'],
        ['enforce', 'enforced'],
      ]);
      expect(events[1]).toMatchObject({ status: 503, mode: 'enforce' });
      expect(events[1].retryAfterMs).toBeGreaterThan(0);
      await gateway.call('/unknown');
      expect(events.at(-1)).toMatchObject({
        mode: 'audit',
        policies: ['unknown'],
        status: 429,
        retryAfterMs: undefined,
      });
    });

    it('log one line per policy, however many requests it would have refused', async () => {
      const statuses = await statusesOf(5, () => gateway.call('/unknown'));
      expect(statuses).toEqual([200, 200, 200, 200, 200]);
      const { refused } = countOf('unknown')!;
      expect(refused).toBe(6);
      expect(logger.lines.length).toBeLessThanOrEqual(1);
    });

    it('affect nobody with their errors, which are logged on one line', async () => {
      const answer = await gateway.call('/broken');
      expect(answer.status).toBe(200);
      await Promise.resolve();
      expect(logger.lines).toHaveLength(1);
      expect(logger.lines[0]).toContain('no\\u{a}such directory');
    });
  });

  describe('set on the application', () => {
    const gateway = useGateway(
      server,
      {
        mode: 'audit',
        service: { maxRate: 1, capacity: 1, ...hourly },
      },
      parts,
    );

    it('include every limit that does not say otherwise', async () => {
      const usual = await statusesOf(3, () => gateway.call('/usual'));
      expect(usual).toEqual([200, 200, 200]);
      const enforced = await statusesOf(2, () => gateway.call('/enforced'));
      expect(enforced).toEqual([200, 503]);
      const counts = gateway.app.get(AuditCounts).all;
      expect(counts).toContainEqual({
        route: 'service',
        policy: 'service',
        requests: 5,
        refused: 4,
      });
    });

    it('add nothing to the answers that they let pass', async () => {
      await gateway.call('/usual');
      const answer = await gateway.call('/usual');
      expect(answer.status).toBe(200);
      expect(answer.headers).not.toHaveProperty('retry-after');
    });
  });
});
