import http, { Agent, IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answeredAgents } from './answered-agents.js';

/** Agents whose connections are counted, and lead nowhere. */
function countedAgents() {
  const connections: Socket[] = [];
  class Counted extends Agent {
    override createConnection() {
      const socket = new Socket();
      connections.push(socket);
      return socket;
    }
  }
  const agents = { httpAgent: new Counted(), httpsAgent: new HttpsAgent() };
  return { agents, connections };
}

const answer = new IncomingMessage(new Socket());

function requestOver(agent: Agent, options: RequestOptions = {}) {
  const request = http.request({ host: 'catalog', agent, ...options });
  request.on('error', () => {});
  onTestFinished(() => void request.destroy());
  return request;
}

describe('agents with an answer', () => {
  it('give it to the first request, without a connection', async () => {
    const { agents, connections } = countedAgents();
    const { httpAgent } = answeredAgents(agents, answer);
    const [given] = await once(requestOver(httpAgent), 'response');
    expect(given).toBe(answer);
    expect(connections).toHaveLength(0);
  });

  it('send the second over the agent beneath, as its own', async () => {
    const { agents, connections } = countedAgents();
    const { httpAgent } = answeredAgents(agents, answer);
    await once(requestOver(httpAgent), 'response');
    const second = requestOver(httpAgent);
    await once(second, 'socket');
    expect(second).toHaveProperty('agent', agents.httpAgent);
    expect(connections).toHaveLength(1);
  });

  it('give it once, whichever of them is asked', async () => {
    const { agents, connections } = countedAgents();
    const { httpAgent, httpsAgent } = answeredAgents(agents, answer);
    const first = requestOver(httpsAgent, { protocol: 'https:' });
    await once(first, 'response');
    await once(requestOver(httpAgent), 'socket');
    expect(connections).toHaveLength(1);
  });
});
