import { PassThrough, Readable } from 'node:stream';
import type { ReadableOptions } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { AxiosError } from 'axios';
import { isCancel } from 'axios';
import type { HttpBackend } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  answer,
  huge,
  resetAfter,
  trickle,
} from '../../support/backend-behaviours.js';
import type { Behaviour } from '../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../support/backend-under-test.js';
import { againIfHeldUp, undisturbedMs } from '../../support/held-up.js';

const stream = { responseType: 'stream' } as const;

async function guarded(behaviour: Behaviour) {
  const upstream = await upstreamForTest(behaviour);
  const catalog = backendForTest(upstream.url, {
    timeout: '300ms',
    circuitBreaker: { maxErrors: 100 },
  });
  return { upstream, catalog };
}

async function bodyOf(catalog: HttpBackend, config = {}): Promise<Readable> {
  const { data } = await catalog.get<Readable>('/', { ...stream, ...config });
  return data;
}

/** How the breaker counts the one call of a test, once it does. */
async function countedAs(catalog: HttpBackend): Promise<string | undefined> {
  const counted = () => {
    const { successes, failures, ignored } = catalog.breaker!.counts;
    if (successes + failures + ignored !== 1) return undefined;
    return successes ? 'success' : failures ? 'failure' : 'ignored';
  };
  await eventually(() => counted() !== undefined);
  return counted();
}

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a body read as a stream', () => {
    it('arrives complete, and only then the call counts as a success', async () => {
      const { catalog } = await guarded(huge(300_000));
      const body = await bodyOf(catalog);
      expect(catalog.breaker?.counts.successes).toBe(0);
      expect(await text(body)).toHaveLength(300_000);
      expect(await countedAs(catalog)).toBe('success');
    });

    it('fails at the deadline, and the call counts as a failure', async () => {
      const { upstream, catalog } = await guarded(trickle(2000));
      const body = await bodyOf(catalog);
      const reading = text(body);
      const [error, tookMs] = await Promise.all([
        rejection(reading),
        undisturbedMs(reading),
      ]);
      expect(error).toMatchObject({ name: 'AxiosError', code: 'ETIMEDOUT' });
      expect(tookMs).toBeLessThan(450);
      expect(await countedAs(catalog)).toBe('failure');
      await eventually(() => upstream.sockets.size === 0);
    });

    it('ends at the deadline although nobody reads it, and does not count against the backend', async () => {
      const { upstream, catalog } = await guarded(huge(5_000_000));
      const body = await bodyOf(catalog);
      await eventually(() => body.destroyed);
      await eventually(() => upstream.sockets.size === 0);
      expect(await countedAs(catalog)).toBe('ignored');
    });

    it('does not count when its reader is too slow for the deadline', async () => {
      const { catalog } = await guarded(huge(5_000_000));
      const body = await bodyOf(catalog);
      const slowly = async () => {
        for await (const chunk of body) {
          expect(chunk.length).toBeGreaterThan(0);
          await new Promise((later) => setTimeout(later, 30));
        }
      };
      expect(await rejection(slowly())).toMatchObject({ code: 'ETIMEDOUT' });
      expect(await countedAs(catalog)).toBe('ignored');
    });

    it('fails when the connection is lost, and the call counts as a failure', async () => {
      const { catalog } = await guarded(resetAfter(100));
      const error = await rejection(bodyOf(catalog).then(text));
      expect(error).toMatchObject({ code: 'ECONNRESET' });
      expect(await countedAs(catalog)).toBe('failure');
    });

    it('fails when it cannot be decompressed, and the call counts as a failure', async () => {
      const broken = gzipSync('x'.repeat(1000)).fill(0, 10);
      const { catalog } = await guarded(
        answer(broken, 200, { 'content-encoding': 'gzip' }),
      );
      await rejection(bodyOf(catalog).then(text));
      expect(await countedAs(catalog)).toBe('failure');
    });

    it.each([
      ['stops', undefined],
      ['fails', new Error('a reader of its own')],
    ])('does not count when its reader %s', async (_, error) => {
      const { upstream, catalog } = await guarded(trickle(2000));
      const body = await bodyOf(catalog);
      body.on('error', () => {});
      body.destroy(error);
      expect(await countedAs(catalog)).toBe('ignored');
      await eventually(() => upstream.sockets.size === 0);
    });

    it('does not count when the target of its pipe closes', async () => {
      const { catalog } = await guarded(trickle(2000));
      const sink = new PassThrough();
      const piping = rejection(pipeline(await bodyOf(catalog), sink));
      sink.destroy();
      await piping;
      expect(await countedAs(catalog)).toBe('ignored');
    });

    it("fails when the caller's signal aborts, and does not count", async () => {
      const { catalog } = await guarded(trickle(2000));
      const own = new AbortController();
      const body = await bodyOf(catalog, { signal: own.signal });
      const reading = rejection(text(body));
      own.abort();
      expect(isCancel(await reading)).toBe(true);
      expect(await countedAs(catalog)).toBe('ignored');
    });

    it('keeps the deadline when the status is an error', async () => {
      const { upstream, catalog } = await guarded(trickle(2000, 50, 500));
      const error = (await rejection(bodyOf(catalog))) as AxiosError<Readable>;
      expect(error.response?.status).toBe(500);
      expect(await undisturbedMs(text(error.response!.data))).toBeLessThan(450);
      await eventually(() => upstream.sockets.size === 0);
      expect(await countedAs(catalog)).toBe('failure');
    });
  });

  describe('a streamed upload', () => {
    const endless: ReadableOptions = { read() {} };

    it('ends at the deadline', async () => {
      const { upstream, catalog } = await guarded(answer());
      const source = new Readable(endless);
      source.push('some');
      const tookMs = await undisturbedMs(catalog.post('/', source));
      expect(tookMs).toBeLessThan(450);
      await eventually(() => upstream.sockets.size === 0);
      expect(await countedAs(catalog)).toBe('failure');
    });

    it('does not count when its source breaks, for example when a caller hangs up', async () => {
      const { upstream, catalog } = await guarded(answer());
      const source = new Readable(endless);
      source.push('some');
      const call = rejection(catalog.post('/', source));
      await eventually(() => upstream.arrivals.length === 1);
      source.destroy(new Error('the sender hung up'));
      expect(await call).toMatchObject({ message: 'the sender hung up' });
      expect(await countedAs(catalog)).toBe('ignored');
    });
  });
});
