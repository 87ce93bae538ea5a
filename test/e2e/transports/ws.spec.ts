import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ArgumentsHost,
  Catch,
  ExceptionFilter,
  ExecutionContext,
  INestApplication,
  UseFilters,
} from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  BaseWsExceptionFilter,
  OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import { ClientRateLimitedException, RouterRateLimit } from 'nestjs-floodgate';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Gateway, servers, startGateway } from '../../support/gateway.js';
import { busyWith, isNoBusierThan } from '../../support/leftovers.js';

const twice = { clientMaxRate: 2, clientCapacity: 2, every: '1h' } as const;
const userOf = (context: ExecutionContext) =>
  context.switchToWs().getData<{ user?: string }>().user;

interface GatewayClient {
  /** Only clients of ws have one. */
  readonly readyState?: number;
  emit(event: string, data: unknown): void;
  send(text: string): void;
}

function tell(host: ArgumentsHost, event: string, data: unknown): void {
  const client = host.switchToWs().getClient<GatewayClient>();
  if (client.readyState === undefined) client.emit(event, data);
  else client.send(JSON.stringify({ event, data }));
}

@Catch(WsException)
class Words implements ExceptionFilter<WsException> {
  catch({ cause }: WsException, host: ArgumentsHost) {
    tell(host, 'words', cause instanceof ClientRateLimitedException);
  }
}

/** What Nest does itself since version 12; in 11, its exceptions reach clients of socket.io alone. */
@Catch(WsException)
class AsNest12 implements ExceptionFilter<WsException> {
  catch(exception: WsException, host: ArgumentsHost) {
    tell(host, 'exception', exception.getError());
  }
}

const isNest12 = 'emitMessage' in BaseWsExceptionFilter.prototype;

@UseFilters(...(isNest12 ? [] : [AsNest12]))
@WebSocketGateway()
class ChatGateway implements OnGatewayConnection {
  connections = 0;

  handleConnection() {
    this.connections++;
  }

  @RouterRateLimit({ ...twice, name: 'said' })
  @SubscribeMessage('say')
  say(_client: unknown, text: string) {
    return { event: 'said', data: text };
  }

  @RouterRateLimit({ ...twice, strategy: 'header', key: 'x-api-key' })
  @SubscribeMessage('by-header')
  byHeader() {
    return { event: 'said', data: 'by-header' };
  }

  @RouterRateLimit({ ...twice, strategy: userOf })
  @SubscribeMessage('by-user')
  byUser() {
    return { event: 'said', data: 'by-user' };
  }

  @RouterRateLimit({ maxRate: 99, capacity: 99, timeout: '30ms' })
  @SubscribeMessage('late')
  async late() {
    await sleep(2000);
    return { event: 'said', data: 'late' };
  }

  @RouterRateLimit({ maxRate: 9, capacity: 1, every: '1h' })
  @SubscribeMessage('ack')
  ack() {
    return 'acknowledged';
  }

  @UseFilters(Words)
  @RouterRateLimit({ ...twice, strategy: userOf })
  @SubscribeMessage('filtered')
  filtered() {
    return { event: 'said', data: 'filtered' };
  }
}

/** One event of a connection: its name and its data. */
type Told = [event: string, data: unknown];

/** A client of either library, as far as the tests go. */
interface Client {
  /** Sends a message and waits for the next event. */
  say(event: string, data?: unknown): Promise<Told>;
  close(): void;
}

async function ioClient(
  url: string,
  extraHeaders: Record<string, string> = {},
): Promise<Client & { readonly socket: Socket }> {
  const socket = io(url, { extraHeaders, forceNew: true, reconnection: false });
  await new Promise((resolve) => socket.once('connect', () => resolve(true)));
  return {
    socket,
    say: (event, data) =>
      new Promise((resolve) => {
        socket.onAny((...told: Told) => {
          socket.offAny();
          resolve(told);
        });
        socket.emit(event, data);
      }),
    close: () => socket.close(),
  };
}

async function wsClient(
  url: string,
  headers: Record<string, string> = {},
): Promise<Client> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  await once(socket, 'open');
  return {
    async say(event, data) {
      const answer = once(socket, 'message');
      socket.send(JSON.stringify({ event, data }));
      const [text] = (await answer) as [Buffer];
      const told = JSON.parse(text.toString()) as Record<string, unknown>;
      return [String(told.event), told.data];
    },
    close: () => socket.close(),
  };
}

const adapters = [
  ['socket.io', (app: INestApplication) => new IoAdapter(app), ioClient],
  ['ws', (app: INestApplication) => new WsAdapter(app), wsClient],
] as const;

describe.each(servers)('gateways on %s', (server) => {
  describe.each(adapters)('over %s', (_, adapterOf, connect) => {
    let gateway: Gateway;
    let client: Client;
    const clients: Client[] = [];
    const open = async (headers?: Record<string, string>) => {
      const opened = await connect(gateway.url, headers);
      clients.push(opened);
      return opened;
    };

    beforeAll(async () => {
      gateway = await startGateway(
        server,
        {},
        {
          providers: [ChatGateway],
          setUp: (app) => app.useWebSocketAdapter(adapterOf(app)),
        },
      );
      client = await open();
    });

    afterAll(async () => {
      clients.forEach((opened) => opened.close());
      await gateway?.close();
    });

    it('limits messages by the address of the connection and reports a refusal without closing it', async () => {
      expect(await client.say('say', 'one')).toEqual(['said', 'one']);
      expect(await client.say('say', 'two')).toEqual(['said', 'two']);
      const [event, data] = await client.say('say', 'three');
      expect(event).toBe('exception');
      expect(data).toMatchObject({
        status: 429,
        type: expect.stringContaining('quota-exceeded') as string,
        message: expect.stringMatching(/too many requests/) as string,
        'violated-policies': ['said'],
      });
      const { retryAfterMs } = data as { retryAfterMs: number };
      expect(retryAfterMs / 1_800_000).toBeCloseTo(1, 1);
      const other = await open();
      expect((await other.say('say', 'four'))[0]).toBe('exception');
      expect((await client.say('by-user', { user: 'ann' }))[0]).toBe('said');
    });

    it('identifies clients by a header of the handshake', async () => {
      const seen = [];
      for (const key of ['a', 'b', 'a', 'a']) {
        const keyed = await open({ 'x-api-key': key });
        seen.push((await keyed.say('by-header'))[0]);
      }
      expect(seen).toEqual(['said', 'said', 'said', 'exception']);
      const [event, data] = await client.say('by-header');
      expect(event).toBe('exception');
      expect(data).toMatchObject({ status: 429 });
      expect(data).not.toHaveProperty('retryAfterMs');
    });

    it('identifies clients by what a function finds in the message', async () => {
      const seen = [];
      for (const user of ['cal', 'dan', 'cal', 'cal']) {
        seen.push((await client.say('by-user', { user }))[0]);
      }
      expect(seen).toEqual(['said', 'said', 'said', 'exception']);
    });

    it('survives messages that a handler does not expect', async () => {
      for (const data of [
        { user: '__proto__' },
        { user: { nested: [] } },
        { user: 'x'.repeat(10_000) },
      ]) {
        expect((await client.say('by-user', data))[0]).toMatch(
          /^(said|exception)$/,
        );
      }
      expect((await client.say('by-user', { user: 'eve' }))[0]).toBe('said');
    });

    it('enforces a limit under concurrent messages', async () => {
      const together = await Promise.all(
        Array.from({ length: 32 }, async () => {
          const one = await open();
          return one.say('by-user', { user: 'fay' });
        }),
      );
      const admitted = together.filter(([event]) => event === 'said');
      expect(admitted).toHaveLength(2);
    });

    it('ends a late handler at its deadline', async () => {
      const [event, data] = await client.say('late');
      expect(event).toBe('exception');
      expect(data).toMatchObject({ status: 504, title: 'Gateway Timeout' });
    });

    it('gives an application filter the last word', async () => {
      for (let i = 0; i < 2; i++) await client.say('filtered', { user: 'f' });
      expect(await client.say('filtered', { user: 'f' })).toEqual([
        'words',
        true,
      ]);
    });

    it("calls the gateway's own hook for each connection", () => {
      expect(gateway.app.get(ChatGateway).connections).toBe(clients.length);
    });
  });

  it('acknowledge admitted messages and leave nothing behind', async () => {
    const before = busyWith();
    const gateway = await startGateway(
      server,
      {},
      { providers: [ChatGateway] },
    );
    const client = await ioClient(gateway.url);
    expect(await client.socket.emitWithAck('ack')).toBe('acknowledged');
    expect((await client.say('ack'))[0]).toBe('exception');
    client.close();
    await gateway.close();
    await expect.poll(() => isNoBusierThan(before)).toBe(true);
  });
});
