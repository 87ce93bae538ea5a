import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { documentOf, itemsOf, mediaTypeOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const roomy = { maxRate: 99, capacity: 99, every: '1h' } as const;
let lateAnswers = 0;
let letGo = () => {};

@Controller()
class SlowController {
  @RouterRateLimit(roomy)
  @Get('late')
  async late() {
    await new Promise<void>((go) => (letGo = go));
    lateAnswers++;
    return 'late';
  }

  @RouterRateLimit(roomy)
  @Get('late-error')
  async lateError() {
    await sleep(150);
    throw new Error('late');
  }

  @RouterRateLimit(roomy)
  @Get('never')
  never() {
    return NEVER;
  }

  @RouterRateLimit({ ...roomy, timeout: '5s' })
  @Get('patient')
  async patient() {
    await sleep(150);
    return 'patient';
  }

  @RouterRateLimit([
    { ...roomy, timeout: '5s' },
    { ...roomy, timeout: '60ms' },
  ])
  @Get('shortest')
  never2() {
    return NEVER;
  }

  @RouterRateLimit(roomy)
  @Get('prompt')
  prompt() {
    return 'prompt';
  }

  @Get('unlimited')
  async unlimited() {
    await sleep(150);
    return 'unlimited';
  }
}

describe.each(servers)('the deadline of an endpoint on %s', (server) => {
  const gateway = useGateway(
    server,
    { timeout: '50ms' },
    { controllers: [SlowController] },
  );

  it('answers 504 with a problem when the handler is late and drops its late answer', async () => {
    lateAnswers = 0;
    const answer = await gateway.call('/late');
    expect(answer.status).toBe(504);
    expect(mediaTypeOf(answer)).toBe('application/problem+json');
    expect(documentOf(answer)).toEqual({
      type: 'about:blank',
      title: 'Gateway Timeout',
      status: 504,
      detail: expect.stringMatching(/\w/),
    });
    expect(itemsOf(answer, 'ratelimit').endpoint.r).toBe(98);
    expect(lateAnswers).toBe(0);
    letGo();
    await expect.poll(() => lateAnswers).toBe(1);
    expect((await gateway.call('/prompt')).text).toBe('prompt');
  });

  it.each(['/late-error', '/never', '/shortest'])(
    'answers 504 whatever the handler does (%s)',
    async (path) => {
      expect((await gateway.call(path)).status).toBe(504);
    },
  );

  it('may be longer for one endpoint', async () => {
    const answer = await gateway.call('/patient');
    expect([answer.status, answer.text]).toEqual([200, 'patient']);
  });

  it('applies only to endpoints with a limit', async () => {
    expect((await gateway.call('/unlimited')).text).toBe('unlimited');
  });
});
