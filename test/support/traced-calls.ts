import { Readable } from 'node:stream';
import type { HttpBackend } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  after,
  answer,
  closeAfter,
  fail,
  inTurn,
  neverAnswer,
  redirect,
  resetAfter,
} from './backend-behaviours.js';
import type { Behaviour } from './backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from './backend-under-test.js';
import type { BackendOptions } from './backend-under-test.js';
import { retry } from './retries.js';
import type { Upstream } from './upstream.js';

/** The span of one request to a backend, ended. */
export interface ClientSpan {
  readonly id: string;
  readonly parent: string | undefined;
  /** Of the URL that it is for. */
  readonly path: string;
}

/** A tracer that watches the calls of this process. */
export interface Tracer {
  /** Runs something within a span of its own, and gives that span's id. */
  within(name: string, work: () => Promise<unknown>): Promise<string>;
  /** The client spans that ended since the test began. */
  clientSpans(): readonly ClientSpan[];
}

/** The span that a request names as its sender, in the header of W3C or of Sentry. */
function senderOf({ headers }: { headers: Record<string, unknown> }): string {
  const { traceparent, 'sentry-trace': sentry } = headers;
  const [first, second, third] = String(traceparent ?? sentry).split('-');
  return traceparent ? third : (second ?? first);
}

/** Every attempt has one client span, with its caller's as the parent, on the wire too. */
export function describeTracedCalls({ within, clientSpans }: Tracer): void {
  async function traced(behaviour: Behaviour, options: BackendOptions = {}) {
    const upstream = await upstreamForTest(behaviour);
    return { upstream, catalog: backendForTest(upstream.url, options) };
  }

  const ended = (count: number) =>
    eventually(() => clientSpans().length >= count);

  const parentsOf = (path: string) =>
    clientSpans()
      .filter((span) => span.path === path)
      .map(({ parent }) => parent);

  /** Holds the spans against what reached the upstream. */
  function expectSpanForEach({ arrivals }: Upstream): void {
    const sent = arrivals.map(({ request }) => ({
      path: request.url,
      id: senderOf(request),
    }));
    const spans = clientSpans().map(({ path, id }) => ({ path, id }));
    const byId = (a: { id: string }, b: { id: string }) =>
      a.id.localeCompare(b.id);
    expect(spans.toSorted(byId)).toEqual(sent.toSorted(byId));
  }

  const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);

  /** Calls each path within a span of its own. */
  async function callEach(
    catalog: HttpBackend,
    call: (path: string) => Promise<unknown> = (path) => catalog.get(path),
  ): Promise<string[]> {
    return Promise.all(paths.map((path) => within(path, () => call(path))));
  }

  describe.each(transports)('a call that is traced over %s', (transport) => {
    callOver(transport);

    it.each([
      ['a read', { url: '/x' }],
      ['a body', { url: '/x', method: 'post', data: { a: 1 } }],
      ['no redirects', { url: '/x', maxRedirects: 0 }],
      [
        'a header that undici refuses',
        { url: '/x', headers: { upgrade: 'x' } },
      ],
    ])(
      'has one client span, whose parent is its caller: %s',
      async (_, call) => {
        const { upstream, catalog } = await traced(answer());
        const parent = await within('caller', () => catalog.request(call));
        await ended(1);
        expect(parentsOf('/x')).toEqual([parent]);
        expectSpanForEach(upstream);
      },
    );

    it('has one client span where it uploads a stream', async () => {
      const { upstream, catalog } = await traced(answer());
      const parent = await within('caller', () =>
        catalog.put('/x', Readable.from(['a stream'])),
      );
      await ended(1);
      expect(parentsOf('/x')).toEqual([parent]);
      expectSpanForEach(upstream);
    });

    it.each<[string, BackendOptions]>([
      ['for a connection', { maxConnectionsPerHost: 2 }],
      [
        'for a place',
        {
          concurrency: { maxConcurrent: 2, onLimit: 'wait', maxWait: '10s' },
        },
      ],
      [
        'for a token',
        {
          rateLimit: {
            maxRate: 200,
            capacity: 1,
            onLimit: 'wait',
            maxWait: '10s',
          },
        },
      ],
    ])('has its own parent where calls wait %s', async (_, options) => {
      const { upstream, catalog } = await traced(after(2, answer()), options);
      const parents = await callEach(catalog);
      await ended(paths.length);
      expect(paths.map(parentsOf)).toEqual(parents.map((id) => [id]));
      expectSpanForEach(upstream);
    });

    it('has one client span for each attempt', async () => {
      const turns = inTurn(fail(503), resetAfter(0), answer());
      const { upstream, catalog } = await traced(turns, { retry });
      const parent = await within('caller', () => catalog.get('/x'));
      await ended(3);
      expect(parentsOf('/x')).toEqual([parent, parent, parent]);
      expectSpanForEach(upstream);
    });

    it('has its own parent where many are retried over few connections', async () => {
      const seen = new Set<string | undefined>();
      const { upstream, catalog } = await traced(
        (exchange) => {
          const { url } = exchange.request;
          after(2, seen.has(url) ? answer() : fail(503))(exchange);
          seen.add(url);
        },
        {
          retry,
          maxConnectionsPerHost: 2,
          retryBudget: { burst: 100, minPerSecond: 100 },
        },
      );
      const parents = await callEach(catalog);
      await ended(2 * paths.length);
      expect(paths.map(parentsOf)).toEqual(parents.map((id) => [id, id]));
      expectSpanForEach(upstream);
    });

    it('has one client span for each hedge, also for the one that is given up', async () => {
      const turns = inTurn(neverAnswer(), answer());
      const { upstream, catalog } = await traced(turns, {
        hedge: { after: '20ms' },
      });
      const parent = await within('caller', () => catalog.get('/x'));
      await ended(2);
      expect(parentsOf('/x')).toEqual([parent, parent]);
      expectSpanForEach(upstream);
    });

    it('has one client span more where it is sent again on a fresh connection', async () => {
      const closed: Behaviour = ({ socket }) => socket.destroy();
      const turns = inTurn(answer(), closed, answer());
      const { upstream, catalog } = await traced(turns);
      await within('first', () => catalog.get('/first'));
      const parent = await within('caller', () => catalog.get('/x'));
      await ended(3);
      expect(parentsOf('/x')).toEqual([parent, parent]);
      expectSpanForEach(upstream);
    });

    it('has a client span of its own on each hop of a redirect', async () => {
      const { upstream, catalog } = await traced(answer(), {
        maxConnectionsPerHost: 1,
      });
      for (const path of paths) upstream.on(path, redirect(`/to${path}`));
      const parents = await callEach(catalog);
      await ended(2 * paths.length);
      const own = parents.map((id) => [id]);
      expect(paths.map(parentsOf)).toEqual(own);
      expect(paths.map((path) => parentsOf(`/to${path}`))).toEqual(own);
      expectSpanForEach(upstream);
    });

    it.each([
      ['breaks', closeAfter(5)],
      ['is reset', resetAfter(0)],
      ['is late', neverAnswer()],
    ])('ends its client span where it %s', async (_, behaviour) => {
      const { catalog } = await traced(behaviour, { timeout: '100ms' });
      const parent = await within('caller', () => rejection(catalog.get('/x')));
      await ended(1);
      expect(parentsOf('/x')).toEqual([parent]);
    });

    it('has no client span where it is refused', async () => {
      const { catalog } = await traced(answer(), {
        rateLimit: { maxRate: 0.001, capacity: 1 },
      });
      const parent = await within('first', () => catalog.get('/first'));
      await within('caller', () => rejection(catalog.get('/x')));
      await ended(1);
      expect(clientSpans().map((span) => span.parent)).toEqual([parent]);
    });

    it('ends the span of a stream with its last byte', async () => {
      const { catalog } = await traced(answer('body'));
      const parent = await within('caller', async () => {
        const { data } = await catalog.get<Readable>('/x', {
          responseType: 'stream',
        });
        for await (const chunk of data) void chunk;
      });
      await ended(1);
      expect(parentsOf('/x')).toEqual([parent]);
    });
  });
}
