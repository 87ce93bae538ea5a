import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { Agents } from '../agents.js';

interface SendingAgent extends Agent {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

/**
 * The agents of a backend for a call whose first request has its answer
 * already: it is given that one, and not sent. Those after it go over the
 * backend's connections like any other.
 */
export function answeredAgents(
  { httpAgent, httpsAgent }: Agents,
  answer: IncomingMessage,
): Agents {
  let isGiven = false;
  const over = <Kind extends Agent>(agent: Kind): Kind => {
    const beneath = agent as unknown as SendingAgent;
    const addRequest: SendingAgent['addRequest'] = (request, ...rest) => {
      if (isGiven) {
        Object.assign(request, { agent });
        beneath.addRequest(request, ...rest);
        return;
      }
      isGiven = true;
      // Whoever makes the request is not through with it yet.
      process.nextTick(() => request.emit('response', answer));
    };
    return Object.create(agent, { addRequest: { value: addRequest } }) as Kind;
  };
  return { httpAgent: over(httpAgent), httpsAgent: over(httpsAgent) };
}
