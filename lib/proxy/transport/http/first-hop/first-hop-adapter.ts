import { CanceledError, getAdapter } from 'axios';
import type { AxiosAdapter } from 'axios';
import { Agents } from '../agents.js';
import { answeredAgents } from './answered-agents.js';
import { FirstHop } from './first-hop.js';
import { isSimple } from './is-simple.js';

/**
 * Axios' own adapter, but for the first request of a call: that one goes by
 * Node's client, and not by the follower of redirects around it, which costs
 * each call a seventh of its processor time and is of use to few. Where an
 * answer leads elsewhere, axios makes the request anew, follower and all, and
 * gets that answer to it before a byte is sent.
 */
export function firstHopAdapter(agents: Agents): AxiosAdapter {
  const axiosAdapter = getAdapter('http');
  return (call) => {
    if (!isSimple(call, agents)) return axiosAdapter(call);
    const hop = new FirstHop();
    return hop.send(call, axiosAdapter).catch((error: unknown) => {
      if (error !== hop) throw error;
      if (call.signal?.aborted) throw new CanceledError(undefined, call);
      // Axios has read them by the time that its adapter returns, as it has all options.
      Object.assign(call, answeredAgents(agents, hop.redirect!));
      const following = axiosAdapter(call);
      Object.assign(call, agents);
      return following;
    });
  };
}
