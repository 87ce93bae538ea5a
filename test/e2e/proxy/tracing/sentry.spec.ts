import * as Sentry from '@sentry/nestjs';
import { afterAll, beforeEach } from 'vitest';
import { describeTracedCalls } from '../../../support/traced-calls.js';
import type { ClientSpan } from '../../../support/traced-calls.js';

let ended: ClientSpan[] = [];

const client = Sentry.init({
  dsn: 'https://public@sentry.invalid/1',
  tracesSampleRate: 1,
  transport: () => ({
    send: () => Promise.resolve({}),
    flush: () => Promise.resolve(true),
  }),
});
client?.on('spanEnd', (span) => {
  const { op, data, parent_span_id: parent } = Sentry.spanToJSON(span);
  if (op !== 'http.client') return;
  const url = data['url.full'] ?? data['http.url'] ?? data['url'];
  const path = new URL(String(url)).pathname;
  ended.push({ id: span.spanContext().spanId, parent, path });
});

beforeEach(() => {
  ended = [];
});
afterAll(() => Sentry.close());

describeTracedCalls({
  within: (name, work) =>
    Sentry.startSpan({ name, forceTransaction: true }, async (span) => {
      await work().catch(() => {});
      return span.spanContext().spanId;
    }),
  clientSpans: () => ended,
});
