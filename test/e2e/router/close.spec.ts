import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { servers, startGateway } from '../../support/gateway.js';
import { httpCall } from '../../support/http-call.js';

const REQUESTS = 20;

@Controller()
class LimitedController {
  @RouterRateLimit({
    maxRate: 99,
    capacity: 99,
    clientMaxRate: 99,
    clientCapacity: 99,
    timeout: '1h',
  })
  @Get()
  limited() {
    return 'ok';
  }
}

/** Timers, servers and sockets that would keep a process alive. */
function held(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /Timeout|Immediate|TCP/.test(kind))
    .toSorted();
}

describe.each(servers)('an application on %s', (server) => {
  it('keeps no timer of an answered request, and nothing at all once closed', async () => {
    const before = held();
    const gateway = await startGateway(
      server,
      { service: { maxRate: 99, capacity: 99 }, maxClients: 10 },
      { controllers: [LimitedController] },
    );
    for (let i = 0; i < REQUESTS; i++) {
      expect((await httpCall(gateway.url)).text).toBe('ok');
    }
    const timers = (kinds: string[]) =>
      kinds.filter((kind) => kind === 'Timeout').length;
    await expect
      .poll(() => timers(held()))
      .toBeLessThan(timers(before) + REQUESTS);
    await gateway.close();
    await expect.poll(held).toEqual(before);
  });
});
