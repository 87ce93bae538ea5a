import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Controller, Get, Post } from '@nestjs/common';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serverCertificate } from '../../../support/certificates/certificates.js';
import { servers } from '../../../support/gateway.js';
import { useGateway } from '../../../support/use-gateway.js';

@Controller()
class Plain {
  @Get()
  get() {
    return 'here';
  }

  @Get('stuck')
  stuck() {
    return new Promise(() => {});
  }

  @Post()
  post() {
    return 'there';
  }
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n';

const kinds = servers.flatMap((name) => [
  { name, scheme: 'http' as const },
  { name, scheme: 'https' as const },
]);

describe.each(kinds)(
  'the timeouts of an $scheme server of $name',
  ({ name, scheme }) => {
    const gateway = useGateway(
      name,
      {
        server: {
          readHeaderTimeout: '200ms',
          readTimeout: '800ms',
          idleTimeout: '300ms',
          writeTimeout: '1200ms',
        },
      },
      {
        controllers: [Plain],
        ...(scheme === 'https' ? { tls: serverCertificate } : {}),
      },
    );

    /** Sends some bytes and tells how long the server kept the connection, and what it said. */
    async function keptMs(
      bytes: string,
    ): Promise<{ ms: number; said: string }> {
      const startMs = performance.now();
      const port = Number(new URL(gateway.url).port);
      const host = '127.0.0.1';
      const socket =
        scheme === 'https'
          ? connectTls({ host, port, rejectUnauthorized: false })
          : connect({ host, port });
      onTestFinished(() => {
        socket.destroy();
      });
      let said = '';
      socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
      socket.write(bytes);
      await once(socket, 'close');
      return { ms: performance.now() - startMs, said };
    }

    it('are set before the server listens', () => {
      const server = gateway.app.getHttpServer() as Server;
      expect(server).toMatchObject({
        headersTimeout: 200,
        requestTimeout: 800,
        keepAliveTimeout: 300,
      });
    });

    it('end a request whose headers do not arrive', async () => {
      const { ms, said } = await keptMs(GET);
      expect(said).toContain('408');
      expect(ms).toBeGreaterThan(190);
      expect(ms).toBeLessThan(700);
    });

    it('end a request whose body does not arrive', async () => {
      const { ms, said } = await keptMs(
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nContent-Type: application/json\r\n\r\n{',
      );
      expect(said).toContain('408');
      expect(ms).toBeGreaterThan(790);
      expect(ms).toBeLessThan(1500);
    });

    it('end a connection that idles after its answer', async () => {
      const { ms, said } = await keptMs(`${GET}\r\n`);
      expect(said).toContain('200');
      expect(ms).toBeGreaterThan(290);
      // Node itself adds up to a second, so as not to cut off a client that counts the same.
      expect(ms).toBeLessThan(2000);
    });

    it('end a connection whose answer makes no progress', async () => {
      const { ms, said } = await keptMs(GET.replace('/', '/stuck') + '\r\n');
      expect(said).toBe('');
      expect(ms).toBeGreaterThan(1190);
      expect(ms).toBeLessThan(2600);
    });
  },
);
