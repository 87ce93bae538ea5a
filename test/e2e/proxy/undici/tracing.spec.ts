import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  after,
  answer,
  closeAfter,
  fail,
  inTurn,
  neverAnswer,
  redirect,
} from '../../../support/backend-behaviours.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  eventually,
  rejection,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import type { BackendOptions } from '../../../support/backend-under-test.js';
import { retry } from '../../../support/retries.js';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
const instrumentation = new UndiciInstrumentation();
const tracer = provider.getTracer('test');

beforeAll(() => {
  context.setGlobalContextManager(
    new AsyncLocalStorageContextManager().enable(),
  );
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
});
afterEach(() => exporter.reset());
afterAll(() => {
  instrumentation.disable();
  trace.disable();
  propagation.disable();
  context.disable();
});

async function traced(behaviour: Behaviour, options: BackendOptions = {}) {
  const upstream = await upstreamForTest(behaviour);
  const catalog = backendForTest(upstream.url, {
    transport: 'undici',
    ...options,
  });
  return { upstream, catalog };
}

/** Runs something within a span of its own, and gives that span's id. */
async function within(
  name: string,
  work: () => Promise<unknown>,
): Promise<string> {
  const span = tracer.startSpan(name);
  await context
    .with(trace.setSpan(context.active(), span), work)
    .catch(() => {});
  span.end();
  return span.spanContext().spanId;
}

const clientSpans = (): ReadableSpan[] =>
  exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT);

/** The spans of requests for a path, by the id of their parents. */
const parentsOf = (path: string) =>
  clientSpans()
    .filter(({ attributes }) => attributes['url.path'] === path)
    .map(({ parentSpanContext }) => parentSpanContext?.spanId);

/** The span that a request names as its sender. */
const senderOf = (traceparent: unknown) => String(traceparent).split('-')[2];

describe('a traced call over undici', () => {
  it('has one client span whose parent is its caller, on the wire too', async () => {
    const { upstream, catalog } = await traced(answer());
    const parent = await within('caller', () => catalog.get('/x'));
    await eventually(() => clientSpans().length > 0);
    expect(parentsOf('/x')).toEqual([parent]);
    const [{ request }] = upstream.arrivals;
    const [span] = clientSpans();
    expect(senderOf(request.headers.traceparent)).toBe(
      span.spanContext().spanId,
    );
  });

  it('has its own parent when calls wait for a connection', async () => {
    const { upstream, catalog } = await traced(after(2, answer()), {
      maxConnectionsPerHost: 2,
    });
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
    const parents = await Promise.all(
      paths.map((path) => within(path, () => catalog.get(path))),
    );
    await eventually(() => clientSpans().length === paths.length);
    expect(paths.map(parentsOf)).toEqual(parents.map((parent) => [parent]));
    for (const { request } of upstream.arrivals) {
      const span = clientSpans().find(
        ({ attributes }) => attributes['url.path'] === request.url,
      );
      expect(senderOf(request.headers.traceparent)).toBe(
        span?.spanContext().spanId,
      );
    }
  });

  it('has one client span per attempt', async () => {
    const { catalog } = await traced(inTurn(fail(503), fail(503), answer()), {
      retry,
    });
    const parent = await within('caller', () => catalog.get('/x'));
    await eventually(() => clientSpans().length === 3);
    expect(parentsOf('/x')).toEqual([parent, parent, parent]);
  });

  it('has its own client span per redirect', async () => {
    const { upstream, catalog } = await traced(redirect('/new'));
    upstream.on('/new', answer());
    const parent = await within('caller', () => catalog.get('/old'));
    await eventually(() => clientSpans().length === 2);
    expect([parentsOf('/old'), parentsOf('/new')]).toEqual([
      [parent],
      [parent],
    ]);
    expect(clientSpans().map(({ status }) => status.code)).toEqual([0, 0]);
  });

  it.each([
    ['breaks', closeAfter(5)],
    ['is late', neverAnswer()],
  ])('ends its client span when it %s', async (_, behaviour) => {
    const { catalog } = await traced(behaviour, { timeout: '100ms' });
    const parent = await within('caller', () => rejection(catalog.get('/x')));
    await eventually(() => clientSpans().length === 1);
    expect(parentsOf('/x')).toEqual([parent]);
  });

  it('ends the span of a stream with its last byte', async () => {
    const { catalog } = await traced(answer('body'));
    await within('caller', async () => {
      const { data } = await catalog.get('/x', { responseType: 'stream' });
      for await (const chunk of data) void chunk;
    });
    await eventually(() => clientSpans().length === 1);
    expect(parentsOf('/x')).toHaveLength(1);
  });
});
