import { createServer, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { backend } from '../../../config/schema/backend.schema.js';
import { backendAgents } from './agents.js';

/** A server for the test that runs, and the pools of a backend that is there. */
export async function agentsOfServer(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  const baseURL = `http://127.0.0.1:${port}`;
  const agents = backendAgents(backend.parse({ hosts: [baseURL] }), () => {});
  onTestFinished(() => {
    agents.httpAgent.destroy();
    server.close();
  });
  return { baseURL, agents };
}
