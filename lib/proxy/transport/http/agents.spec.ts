import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import axios from 'axios';
import { expect, it, onTestFinished, vi } from 'vitest';
import { backend } from '../../../config/schema/backend.schema.js';
import { backendAgents } from './agents.js';

/** A connection of Node's, whose handle makes the system calls. */
interface Handled extends Socket {
  _handle: { setKeepAlive(...args: unknown[]): number };
}

it('a kept connection is not set up anew for each call', async () => {
  const server = createServer((_, response) => response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const baseURL = `http://127.0.0.1:${port}`;
  const agents = backendAgents(backend.parse({ hosts: [baseURL] }), () => {});
  onTestFinished(() => {
    agents.httpAgent.destroy();
    server.close();
  });
  const client = axios.create({ baseURL, ...agents });
  const { request } = await client.get('/');
  // oxlint-disable-next-line no-underscore-dangle -- Node's name for it
  const set = vi.spyOn((request.socket as Handled)._handle, 'setKeepAlive');
  const second = await client.get('/');
  expect(second.request.reusedSocket).toBe(true);
  expect(second.request.socket).toBe(request.socket);
  await client.get('/');
  expect(set).not.toHaveBeenCalled();
});
