import type { Socket } from 'node:net';
import axios from 'axios';
import { expect, it, vi } from 'vitest';
import { agentsOfServer } from './agents.fixture.js';

/** A connection of Node's, whose handle makes the system calls. */
interface Handled extends Socket {
  _handle: { setKeepAlive(...args: unknown[]): number };
}

it('a kept connection is not set up anew for each call', async () => {
  const { baseURL, agents } = await agentsOfServer((_, response) =>
    response.end(),
  );
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
