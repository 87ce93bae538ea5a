import { connect } from 'node:net';
import type { Server as HttpServer } from 'node:http';
import { Controller, Get } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { useGateway } from '../../support/use-gateway.js';

@Controller()
class FreeController {
  @Get()
  free() {}
}

/** What the server says before it closes a connection on which `sent` was all that came. */
function answerTo(url: string, sent: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write(sent);
  });
}

describe.each(servers)('server timeouts on %s', (server) => {
  const gateway = useGateway(
    server,
    {
      server: {
        readTimeout: '2s',
        readHeaderTimeout: '200ms',
        writeTimeout: '9s',
        idleTimeout: '100ms',
      },
    },
    { controllers: [FreeController] },
  );

  it('are set as configured', () => {
    const node = gateway.app.getHttpServer() as HttpServer;
    expect(node).toMatchObject({
      requestTimeout: 2000,
      headersTimeout: 200,
      timeout: 9000,
      keepAliveTimeout: 100,
    });
  });

  it('close a connection soon after its request head is overdue', async () => {
    const startMs = performance.now();
    const answer = await answerTo(gateway.url, 'GET / HTTP/1.1\r\nhost: x\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(190);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  it('close an idle connection after an answer', async () => {
    const answer = await answerTo(
      gateway.url,
      'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});
