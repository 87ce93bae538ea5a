import 'reflect-metadata';
import * as Sentry from '@sentry/nestjs';
import { inject } from 'vitest';
import { oncePerProcess, SpanBook, watchWith } from '../instrumentation.js';

// Sentry with tracing, which keeps what it would send. On Nest 11 it wraps
// handlers, guards, interceptors and filters.

const watching = oncePerProcess('sentry', () => {
  const spans = new SpanBook();
  const client = Sentry.init({
    dsn: 'https://public@sentry.invalid/1',
    tracesSampleRate: 1,
    transport: () => ({
      send: () => Promise.resolve({}),
      flush: () => Promise.resolve(true),
    }),
  });
  client?.on('spanStart', (span) =>
    spans.begin(span, Sentry.spanToJSON(span).description ?? ''),
  );
  client?.on('spanEnd', (span) => spans.end(span));
  return { spans };
});

// Nest is loaded after Sentry is set up.
const { SentryModule } = await import('@sentry/nestjs/setup');

watchWith(
  { ...watching, imports: [SentryModule.forRoot()] },
  inject('nest') === 11 ? 'Create Nest App' : undefined,
);
