import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { backend } from '../../../config/schema/backend.schema.js';
import type { Connection, Departure, Undici } from './connection.js';
import { Connections } from './connections.js';

/** Undici without a network: a client that says what it is told to. */
function undiciOf() {
  const clients: FakeClient[] = [];
  class FakeClient extends EventEmitter {
    stats = { size: 1 };
    destroy = vi.fn<() => Promise<void>>(async () => {});
    constructor() {
      super();
      clients.push(this);
    }
  }
  class ClientDestroyedError extends Error {}
  const errors = { ClientDestroyedError };
  const undici = { Client: FakeClient, errors } as unknown as Undici;
  return { undici, clients };
}

/** A request, and over which connection it went. */
class FakeDeparture implements Departure {
  isOver = false;
  connection: Connection | undefined;
  error: Error | undefined;
  constructor(readonly origin = 'http://catalog') {}

  over(connection: Connection): void {
    this.connection = connection;
    connection.socket ??= {} as Socket;
  }

  fail(error: Error): void {
    this.isOver = true;
    this.error = error;
  }

  /** Its answer is whole, and undici has looked at the connection again. */
  end(): void {
    this.isOver = true;
    this.connection!.client.emit('drain', new URL(this.origin));
  }
}

function connectionsOf(options: object = {}) {
  const { undici, clients } = undiciOf();
  const config = backend.parse({ hosts: ['http://catalog'], ...options });
  const failed = vi.fn<(address: string) => void>();
  const connections = new Connections(undici, config, failed);
  const send = (origin?: string) => {
    const departure = new FakeDeparture(origin);
    connections.send(departure);
    return departure;
  };
  return { connections, clients, failed, send };
}

describe('the connections of a backend', () => {
  it('carry one request at a time, and the one that served last is taken first', () => {
    const { send, clients } = connectionsOf();
    const [first, second] = [send(), send()];
    expect(clients).toHaveLength(2);
    first.end();
    second.end();
    expect(send().connection).toBe(second.connection);
    expect(send().connection).toBe(first.connection);
  });

  it('are no more to a host than there may be; the others wait in order', () => {
    const { send, clients } = connectionsOf({ maxConnectionsPerHost: 1 });
    const [first, second, third] = [send(), send(), send()];
    expect(second.connection).toBeUndefined();
    first.end();
    expect(second.connection).toBe(first.connection);
    expect(third.connection).toBeUndefined();
    second.end();
    expect(third.connection).toBe(first.connection);
    expect(clients).toHaveLength(1);
    expect(send('http://other').connection).toBeDefined();
  });

  it('do not carry what was cancelled while it waited', () => {
    const { send, connections } = connectionsOf({ maxConnectionsPerHost: 1 });
    const [first, second, third] = [send(), send(), send()];
    connections.withdraw(second);
    first.end();
    expect(second.connection).toBeUndefined();
    expect(third.connection).toBe(first.connection);
  });

  it('are made anew where one breaks that others wait for', () => {
    const { send, clients } = connectionsOf({ maxConnectionsPerHost: 1 });
    const [first, second] = [send(), send()];
    first.isOver = true;
    clients[0].emit('disconnect');
    expect(second.connection?.client).toBe(clients[1]);
    expect(clients[0].destroy).toHaveBeenCalled();
  });

  it('are closed once they idle, where more would than may', () => {
    const { send, clients } = connectionsOf({ maxIdleConnections: 1 });
    const [first, second] = [send(), send('http://other')];
    first.end();
    second.end();
    expect(clients.map(({ destroy }) => destroy.mock.calls.length)).toEqual([
      0, 1,
    ]);
  });

  it('tell of a host that lets nobody connect', () => {
    const { send, clients, failed } = connectionsOf();
    const departure = send();
    departure.isOver = true;
    clients[0].emit('connectionError', '', [], new Error('refused'));
    expect(failed).toHaveBeenCalledExactlyOnceWith('catalog:80');
  });

  it('end what waits when they are closed, and take nothing from then on', () => {
    const { send, connections, clients } = connectionsOf({
      maxConnectionsPerHost: 1,
    });
    send();
    const waiting = send();
    connections.close();
    expect(waiting.error).toBeDefined();
    expect(clients[0].destroy).toHaveBeenCalled();
    expect(send().error).toBeDefined();
  });
});
