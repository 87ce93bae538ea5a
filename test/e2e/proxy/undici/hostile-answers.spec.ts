import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import {
  BackendTimeoutException,
  BackendUnreachableException,
} from 'nestjs-floodgate';
import type { HttpBackend } from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  closeAfter,
  raw,
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
import { againIfHeldUp } from '../../../support/held-up.js';

async function overUndici(behaviour: Behaviour, options: BackendOptions = {}) {
  const upstream = await upstreamForTest(behaviour);
  const catalog = backendForTest(upstream.url, {
    transport: 'undici',
    circuitBreaker: { maxErrors: 100 },
    ...options,
  });
  return { upstream, catalog };
}

const countsOf = (catalog: HttpBackend) => catalog.breaker!.counts;

const MB = 2 ** 20;
const bombs = {
  gzip: gzipSync(Buffer.alloc(16 * MB)),
  br: brotliCompressSync(Buffer.alloc(16 * MB)),
};

/** Sends the same small bytes again and again, each of which unpack to megabytes. */
const bombard =
  (encoding: keyof typeof bombs): Behaviour =>
  ({ response, socket }) => {
    response.writeHead(200, { 'content-encoding': encoding });
    const more = () => {
      while (!socket.destroyed && response.write(bombs[encoding]));
      if (!socket.destroyed) response.once('drain', more);
    };
    more();
  };

/** Sends them once: some hundred bytes of brotli are all there is. */
const oneBomb =
  (encoding: keyof typeof bombs, bytes: Buffer): Behaviour =>
  ({ response }) => {
    response.writeHead(200, {
      'content-encoding': encoding,
      'content-length': bytes.length,
    });
    response.end(bytes);
  };

/** Processor time that this process uses while it has nothing to do, in milliseconds. */
async function idleMs(): Promise<number> {
  await new Promise((later) => setTimeout(later, 50));
  const before = process.cpuUsage();
  await new Promise((later) => setTimeout(later, 300));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const BOUND = { maxContentLength: 100_000 };

describe('a small answer that decompresses to gigabytes', againIfHeldUp, () => {
  const huge = brotliCompressSync(Buffer.alloc(512 * MB), {
    params: { 1: 1 },
  });

  it.each([
    ['read whole', {}],
    ['read as a stream', { responseType: 'stream' as const }],
  ])(
    'stops at the deadline and leaves nothing running, %s',
    async (_, config) => {
      const { upstream, catalog } = await overUndici(oneBomb('br', huge), {
        timeout: '150ms',
      });
      const reading = async () => {
        const { data } = await catalog.get<Readable>('/', config);
        // Slower than it unpacks.
        for await (const chunk of data) {
          void chunk;
          await new Promise((later) => setTimeout(later, 5));
        }
      };
      const error = await rejection(reading());
      expect(
        error instanceof BackendTimeoutException ||
          (error as { code?: string }).code === 'ETIMEDOUT',
      ).toBe(true);
      expect(await idleMs()).toBeLessThan(150);
      await eventually(() => upstream.sockets.size <= 1);
    },
  );

  it.each(['gzip', 'br'] as const)(
    'stops at the deadline even if it never ends, in %s',
    async (encoding) => {
      const { upstream, catalog } = await overUndici(bombard(encoding), {
        timeout: '150ms',
      });
      const error = await rejection(catalog.get('/'));
      expect(error).toBeInstanceOf(BackendTimeoutException);
      await eventually(() => upstream.sockets.size === 0);
      expect(await idleMs()).toBeLessThan(150);
    },
  );

  it.each(['gzip', 'br'] as const)(
    'stops at maxContentLength, in %s',
    async (encoding) => {
      const { upstream, catalog } = await overUndici(bombard(encoding));
      const error = await rejection(catalog.get('/', BOUND));
      expect(error).toMatchObject({ cause: { code: 'ERR_BAD_RESPONSE' } });
      await eventually(() => upstream.sockets.size === 0);
      expect(await idleMs()).toBeLessThan(150);
    },
  );

  it.each(['gzip', 'br'] as const)(
    'stops at maxContentLength in a stream of %s',
    async (encoding) => {
      const warned = vi.fn<(warning: Error) => void>();
      process.on('warning', warned);
      onTestFinished(() => void process.off('warning', warned));
      const { upstream, catalog } = await overUndici(bombard(encoding));
      const { data } = await catalog.get<Readable>('/', {
        ...BOUND,
        responseType: 'stream',
      });
      const error = await rejection(text(data));
      expect(error).toMatchObject({ code: 'ERR_BAD_RESPONSE' });
      expect(warned).not.toHaveBeenCalled();
      await eventually(() => upstream.sockets.size === 0);
    },
  );
});

const broken = {
  'a field without a colon': 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
  'two lengths':
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx',
  'a length and chunks':
    'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\nx',
  'a length that is none': 'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n',
  'another protocol': 'SSH-2.0-OpenSSH_9.6\r\n',
  'a change of protocol':
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: own\r\n\r\n',
  'headers without an end': `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(50_000)}`,
};

describe('a malformed answer', () => {
  it.each(Object.entries(broken))(
    'counts as a failure and is not sent again on a fresh connection: %s',
    async (_, bytes) => {
      const { upstream, catalog } = await overUndici(raw(bytes));
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(
        BackendUnreachableException,
      );
      expect(upstream.arrivals).toHaveLength(1);
      expect(countsOf(catalog)).toMatchObject({ failures: 1 });
    },
  );

  it.each(Object.entries(broken))(
    'counts as a failure and is not sent again on a kept connection: %s',
    async (_, bytes) => {
      const { upstream, catalog } = await overUndici(raw(bytes));
      upstream.on('/good', ({ response }) => response.end('good'));
      await catalog.get('/good');
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(
        BackendUnreachableException,
      );
      expect(upstream.arrivals).toHaveLength(2);
      expect(countsOf(catalog)).toMatchObject({ failures: 1 });
    },
  );

  it('counts as a failure when a stream ends early', async () => {
    const { catalog } = await overUndici(closeAfter(5));
    const { data } = await catalog.get<Readable>('/', {
      responseType: 'stream',
    });
    expect(await rejection(text(data))).toMatchObject({ code: 'ECONNRESET' });
    await eventually(() => countsOf(catalog).failures === 1);
  });
});

describe('a redirect that leads nowhere', () => {
  it.each(['http://[::1', 'http://', 'gopher://127.0.0.1/', 'http://x:99999/'])(
    'is a bad gateway and counts as a failure: %s',
    async (location) => {
      const { catalog } = await overUndici(redirect(location));
      const error = await rejection(catalog.get('/'));
      expect(error).toBeInstanceOf(BackendUnreachableException);
      expect(error).toMatchObject({
        cause: { code: 'ERR_FR_REDIRECTION_FAILURE' },
      });
      expect(countsOf(catalog)).toMatchObject({ failures: 1 });
    },
  );
});

describe('a request that undici refuses to send', () => {
  const refused = {
    'a forwarded expect': { expect: '100-continue' },
    'a forwarded keep-alive': { 'keep-alive': 'timeout=5' },
    'a forwarded transfer-encoding': { 'transfer-encoding': 'chunked' },
    'a forwarded upgrade': { upgrade: 'h2c' },
  };

  it.each(Object.entries(refused))(
    'is sent as axios sends it and holds no connection: %s',
    async (_, headers) => {
      const { catalog } = await overUndici(
        ({ response }) => response.end('fine'),
        { maxConnectionsPerHost: 1, timeout: '5s' },
      );
      for (let call = 0; call < 5; call++) {
        expect((await catalog.get('/', { headers })).data).toBe('fine');
      }
      expect((await catalog.get('/')).data).toBe('fine');
      expect(countsOf(catalog)).toMatchObject({ failures: 0 });
    },
  );

  it('does not count against the backend when axios refuses it too', async () => {
    const { upstream, catalog } = await overUndici(
      ({ response }) => response.end('fine'),
      { maxConnectionsPerHost: 1 },
    );
    for (let call = 0; call < 5; call++) {
      await rejection(catalog.get('/', { headers: { 'bad name': 'x' } }));
      await rejection(catalog.request({ url: '/', method: 'ba d' }));
    }
    expect(upstream.arrivals).toHaveLength(0);
    expect((await catalog.get('/')).data).toBe('fine');
    expect(countsOf(catalog)).toMatchObject({ failures: 0, successes: 1 });
  });
});
