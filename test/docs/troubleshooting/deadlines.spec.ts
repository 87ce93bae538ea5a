import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Sse, StreamableFile } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { useGateway } from '../../support/use-gateway.js';

// What the recipes for event streams and downloads say of the deadline of an endpoint.

const hurried = { maxRate: 9, capacity: 9, timeout: '20ms' } as const;

@Controller()
class LongController {
  @RouterRateLimit(hurried)
  @Sse('events')
  events() {
    return NEVER;
  }

  @RouterRateLimit(hurried)
  @Get('file')
  file() {
    const slowly = async function* () {
      yield Buffer.from('first ');
      await sleep(100);
      yield Buffer.from('last');
    };
    return new StreamableFile(Readable.from(slowly()));
  }
}

describe.each(servers)('the deadline of an endpoint, over %s,', (server) => {
  const gateway = useGateway(server, {}, { controllers: [LongController] });

  it('ends an event stream with an `error` event', async () => {
    const { status, text } = await gateway.call('/events');
    expect(status).toBe(200);
    expect(text).toContain('event: error');
  });

  it('covers the handler and not the time to send its file', async () => {
    const { status, text } = await gateway.call('/file');
    expect(status).toBe(200);
    expect(text).toBe('first last');
  });
});
