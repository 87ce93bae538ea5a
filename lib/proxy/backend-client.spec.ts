import { expect, it } from 'vitest';
import { backend } from '../config/schema/backend.schema.js';
import { MemoryStore } from '../stores/memory-store.js';
import { BackendClient } from './backend-client.js';
import { BackendRuntime } from './backend-runtime.js';
import { HttpBackend } from './http-backend.js';

const config = backend.parse({ hosts: ['http://127.0.0.1:9'] });
const clock = () => 0;

/** A client of two backends, and the names of those that it made, in order. */
function clientOfTwo() {
  const made: string[] = [];
  const maker = (name: string) => () => {
    made.push(name);
    const store = new MemoryStore(clock, 1);
    return new HttpBackend(new BackendRuntime({ name, config, store, clock }));
  };
  const names = ['catalog', 'orders'];
  const makers = new Map(names.map((name) => [name, maker(name)]));
  return { client: new BackendClient(makers), made };
}

it('creates a backend once, when first requested', () => {
  const { client, made } = clientOfTwo();
  expect(made).toEqual([]);
  expect(client.backend('orders')).toBe(client.backend('orders'));
  expect(made).toEqual(['orders']);
});

it('lists the names of backends not created yet', () => {
  const { client } = clientOfTwo();
  expect(() => client.backend('order')).toThrow(
    new RangeError(
      'no backend "order" in the configuration, did you mean "orders"? See nestjs-floodgate/docs/errors.md#unknown-backend',
    ),
  );
});

it('sends nothing through a backend first requested after shutdown', async () => {
  const { client } = clientOfTwo();
  client.onApplicationShutdown();
  await expect(client.get('catalog', '/')).rejects.toMatchObject({
    code: 'ERR_CANCELED',
  });
});
