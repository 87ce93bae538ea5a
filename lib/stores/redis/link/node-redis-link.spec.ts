import { describe, expect, it } from 'vitest';
import { NodeRedisLink } from './node-redis-link.js';

/** A client of a Cluster that says what is asked of it, and has nothing but what the package documents. */
class DocumentedCluster {
  readonly isReady = true;
  readonly isOpen = true;
  readonly asked: unknown[] = [];
  readonly slots: object[];
  overrides: object = {};

  constructor(readonly master: object) {
    this.slots = Array.from({ length: 16_384 }, () => ({ master }));
  }

  on() {}

  destroy() {}

  duplicate(overrides: object) {
    this.overrides = overrides;
    return this;
  }

  sendCommand(key: string) {
    this.asked.push(key);
    return Promise.resolve('answer');
  }
}

/** Throws where anything private is read. */
function guarded(client: DocumentedCluster) {
  return new Proxy(client, {
    get(target, name) {
      if (String(name).startsWith('_')) throw new Error(`${String(name)}`);
      return Reflect.get(target, name) as unknown;
    },
  });
}

const link = (client: DocumentedCluster) => new NodeRedisLink(guarded(client));

describe('a link over a Cluster of the package redis', () => {
  it('reads nothing of the client that is private', async () => {
    const client = new DocumentedCluster({ address: 'a:1' });
    const made = link(client);
    expect(made.nodeOf(made.slotOf('key'))).toBe('a:1');
    expect(await made.send('key', ['PING'])).toBe('answer');
    made.close();
  });

  it('leaves the settings of its nodes as they are', () => {
    const client = new DocumentedCluster({});
    link(client);
    expect(Object.keys(client.overrides)).toEqual(['commandOptions']);
  });

  it('sends nothing to a node whose connection is lost: it would be sent when nobody waits any more', async () => {
    const client = new DocumentedCluster({ client: { isReady: false } });
    await expect(link(client).send('key', ['PING'])).rejects.toThrow(
      'there is no connection to its node',
    );
    expect(client.asked).toEqual([]);
  });

  it.each([
    ['has a connection', { client: { isReady: true } }],
    ['has none yet', {}],
    [
      'is being connected to',
      { client: { isReady: false }, connectPromise: Promise.resolve() },
    ],
  ])('sends to a node that %s', async (_, master) => {
    const client = new DocumentedCluster(master);
    await link(client).send('key', ['PING']);
    expect(client.asked).toEqual(['key']);
  });
});
