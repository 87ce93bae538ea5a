import type { Agent } from 'node:http';

/**
 * Keeps an agent out of JSON. Axios' errors write down the configuration of
 * their call, and with it the agent: the private key of its client certificate,
 * and every call underway, in all ways that lead from one to another. With some
 * hundred of them a process that logs an error stands still.
 */
export function keepFromJson(agent: Agent): void {
  Object.defineProperty(agent, 'toJSON', { value: () => undefined });
}
