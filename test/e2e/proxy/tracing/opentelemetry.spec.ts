import { createRequire } from 'node:module';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { describeTracedCalls } from '../../../support/traced-calls.js';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
let unregister: () => void;

beforeAll(() => {
  context.setGlobalContextManager(
    new AsyncLocalStorageContextManager().enable(),
  );
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  unregister = registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [
      // The servers of the tests run in this process too.
      new HttpInstrumentation({ disableIncomingRequestInstrumentation: true }),
      new UndiciInstrumentation(),
    ],
  });
  // What is required from now on is patched.
  createRequire(import.meta.url)('http');
});
afterEach(() => exporter.reset());
afterAll(() => {
  unregister();
  trace.disable();
  propagation.disable();
  context.disable();
});

describeTracedCalls({
  within: async (name, work) => {
    const span = provider.getTracer('test').startSpan(name);
    const active = trace.setSpan(context.active(), span);
    await context.with(active, work).catch(() => {});
    span.end();
    return span.spanContext().spanId;
  },
  clientSpans: () =>
    exporter
      .getFinishedSpans()
      .filter(({ kind }) => kind === SpanKind.CLIENT)
      .map((span) => ({
        id: span.spanContext().spanId,
        parent: span.parentSpanContext?.spanId,
        path: new URL(String(span.attributes['url.full'])).pathname,
      })),
});
