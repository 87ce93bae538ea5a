import 'reflect-metadata';
import { createRequire } from 'node:module';
import { context, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NestInstrumentation } from '@opentelemetry/instrumentation-nestjs-core';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { inject } from 'vitest';
import { oncePerProcess, SpanBook, watchWith } from '../instrumentation.js';
import type { Instrumentation } from '../instrumentation.js';
import { spanEachCall } from './span-each-call.js';

// OpenTelemetry with its instrumentations for http and Nest. The one for Nest
// wraps handlers of Nest 11. Nest 12 has `instrument` in its place.

const watching = oncePerProcess('opentelemetry', (): Instrumentation => {
  const spans = new SpanBook();
  const provider = new NodeTracerProvider({
    spanProcessors: [
      {
        onStart: (span) => spans.begin(span, span.name),
        onEnd: (span) => spans.end(span),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  provider.register();
  registerInstrumentations({
    instrumentations: [new HttpInstrumentation(), new NestInstrumentation()],
  });
  // What is required from now on is patched.
  createRequire(import.meta.url)('http');
  if (inject('nest') === 11) return { spans };
  const begin = (name: string) => {
    const tracer = trace.getTracer('nest');
    const span = tracer.startSpan(name, {}, context.active());
    return () => span.end();
  };
  const instanceDecorator = spanEachCall(begin, true);
  return { spans, options: { instrument: { instanceDecorator } } };
});

watchWith(
  watching,
  inject('nest') === 11 ? 'Create Nest App' : 'OnlyHere.onModuleInit',
);
