import type { Agent, ClientRequest } from 'node:http';
import { StageTimeout } from '../stage-timeout.js';

interface SendingAgent extends Agent {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

/** Ends requests whose response headers are not there within `limitMs` of their last byte. */
export function limitHeaders(agent: Agent, limitMs: number): void {
  const sending = agent as SendingAgent;
  const add = sending.addRequest.bind(agent);
  sending.addRequest = (request, ...rest) => {
    request.once('finish', () => {
      if (request.destroyed) return;
      const timer = setTimeout(giveUp, limitMs, request, limitMs);
      const settled = () => clearTimeout(timer);
      request.once('response', settled);
      request.once('close', settled);
    });
    add(request, ...rest);
  };
}

function giveUp(request: ClientRequest, limitMs: number): void {
  request.destroy(new StageTimeout('headers', limitMs));
}
