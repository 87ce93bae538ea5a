import { ClientRequest } from 'node:http';
import axios from 'axios';
import type { AxiosRequestConfig } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { CallSignal } from '../../../call/call-signal.js';
import { agentsOfServer } from '../agents.fixture.js';
import { firstHopAdapter } from './first-hop-adapter.js';

/** A client over that adapter, and a server that leads from `/old` to `/new`. */
async function clientForTest(options: AxiosRequestConfig = {}) {
  const { baseURL, agents } = await agentsOfServer((request, response) => {
    const isOld = request.url === '/old';
    response.writeHead(isOld ? 302 : 200, isOld ? { location: '/new' } : {});
    response.end(request.url);
  });
  const adapter = firstHopAdapter(agents);
  return axios.create({ baseURL, ...agents, adapter, ...options });
}

/** Whether what follows redirects stood around a request. */
const isFollowed = (request: unknown) => '_redirectable' in (request as object);

/** Aborted as axios lets go of its first request. */
class LateSignal extends CallSignal {
  override removeEventListener() {
    this.abort(undefined);
  }
}

describe('the adapter', () => {
  it("makes the first request by Node's client", async () => {
    const { request, data } = await (await clientForTest()).get('/new');
    expect(data).toBe('/new');
    expect(request).toBeInstanceOf(ClientRequest);
    expect(isFollowed(request)).toBe(false);
  });

  it('follows where the answer leads', async () => {
    const { request, data } = await (await clientForTest()).get('/old');
    expect(data).toBe('/new');
    expect(isFollowed(request)).toBe(true);
  });

  it('leaves calls that are not simple to axios', async () => {
    const client = await clientForTest();
    const { request } = await client.get('/new', { timeout: 10_000 });
    expect(isFollowed(request)).toBe(true);
  });

  it('gives back the options that the call had', async () => {
    const client = await clientForTest({ proxy: false });
    const { httpAgent } = client.defaults;
    for (const path of ['/new', '/old']) {
      const { config } = await client.get(path);
      expect(config).toMatchObject({ proxy: false, httpAgent });
      expect(config).not.toHaveProperty('transport');
      expect(config).not.toHaveProperty('cancelToken');
    }
  });

  it('does not follow for a caller who gives up as the answer comes', async () => {
    const client = await clientForTest();
    const signal = new LateSignal();
    const beforeRedirect = vi.fn<() => void>();
    const sending = client.get('/old', { signal, beforeRedirect });
    await expect(sending).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    expect(beforeRedirect).not.toHaveBeenCalled();
  });
});
