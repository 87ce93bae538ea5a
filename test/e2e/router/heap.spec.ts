import { Agent } from 'node:http';
import { Writable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { Controller, Get } from '@nestjs/common';
import { ClsModule, ClsService } from 'nestjs-cls';
import { RouterRateLimit } from 'nestjs-floodgate';
import { pinoHttp } from 'pino-http';
import { describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { httpCall } from '../../support/http-call.js';
import { spanEachCall } from '../../support/instrumented/span-each-call.js';
import { useGateway } from '../../support/use-gateway.js';

/** `REFUSED_REQUESTS=200000` for as many as a bad day brings. */
const REFUSED = Number(process.env['REFUSED_REQUESTS'] ?? 2_000);
const CONNECTIONS = 32;
/** What the heap may gain: noise of the collector, and next to nothing for each request. */
const NOISE_BYTES = 1_500_000;
const BYTES_EACH = 16;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapNow(): number {
  for (let i = 0; i < 3; i++) collect();
  return process.memoryUsage().heapUsed;
}

let ended = 0;
const processor: SpanProcessor = {
  onStart() {},
  onEnd: () => void ended++,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
const provider = new NodeTracerProvider({ spanProcessors: [processor] });
provider.register();

function begin(name: string): () => void {
  const span = trace.getTracer('heap').startSpan(name);
  return () => span.end();
}

let lines = 0;
const log = new Writable({
  write(_line, _encoding, done) {
    lines++;
    done();
  },
});

@Controller()
class LimitedController {
  constructor(private readonly context: ClsService) {}

  @RouterRateLimit({
    clientMaxRate: 1,
    clientCapacity: 1,
    every: '24h',
    timeout: '5s',
    strategy: 'header',
    key: 'x-api-key',
  })
  @Get('limited')
  limited() {
    return this.context.getId();
  }
}

describe.each(everywhere)(
  'refusals with logging, context and tracing on $server, phase $phase,',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { phase },
      {
        controllers: [LimitedController],
        imports: [
          ClsModule.forRoot({
            global: true,
            middleware: { mount: true, generateId: true },
          }),
        ],
        options: {
          instrument: { instanceDecorator: spanEachCall(begin, true) },
        },
        setUp: (app) => app.use(pinoHttp({}, log)),
      },
    );

    it(`leave the heap flat after ${REFUSED} of them`, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
      let left = 0;
      const statuses = new Map<number, number>();
      const caller = async (_: unknown, i: number) => {
        const headers = { 'x-api-key': `client-${i}` };
        while (left-- > 0) {
          const url = `${gateway.url}/limited`;
          const { status } = await httpCall(url, { agent, headers });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      };
      const callAll = async (count: number) => {
        left = count;
        await Promise.all(Array.from({ length: CONNECTIONS }, caller));
      };
      try {
        await callAll(Math.max(500, REFUSED / 10));
        statuses.clear();
        lines = ended = 0;
        const before = heapNow();
        await callAll(REFUSED);
        const gained = heapNow() - before;
        expect(Object.fromEntries(statuses)).toEqual({ 429: REFUSED });
        expect(lines).toBeGreaterThanOrEqual(REFUSED);
        // At the edge, nothing of Nest is called that could have a span.
        expect(ended).toBeGreaterThanOrEqual(
          phase === 'interceptor' ? REFUSED : 0,
        );
        expect(gained).toBeLessThan(NOISE_BYTES + BYTES_EACH * REFUSED);
      } finally {
        agent.destroy();
      }
    }, 600_000);
  },
);
