import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  after,
  answer,
  redirect,
} from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  upstreamForTest,
} from '../../../support/backend-under-test.js';

const caller = new AsyncLocalStorage<number>();
const CALLS = Array.from({ length: 20 }, (_, index) => index);

interface Created {
  request: { path: string };
}

/** Which caller undici makes each request for, as tracers see it: `/3` → 3. */
function callersOfRequests(): Map<string, number | undefined> {
  const callers = new Map<string, number | undefined>();
  const onCreate = (message: unknown) => {
    callers.set((message as Created).request.path, caller.getStore());
  };
  subscribe('undici:request:create', onCreate);
  onTestFinished(() => {
    unsubscribe('undici:request:create', onCreate);
  });
  return callers;
}

async function oneConnection() {
  const upstream = await upstreamForTest(after(2, answer()));
  for (const call of CALLS)
    upstream.on(`/old/${call}`, redirect(`/new/${call}`));
  const catalog = backendForTest(upstream.url, {
    transport: 'undici',
    maxConnectionsPerHost: 1,
  });
  return { upstream, catalog };
}

describe('the async context of an undici call', () => {
  it('is kept when calls wait for a connection', async () => {
    const callers = callersOfRequests();
    const { upstream, catalog } = await oneConnection();
    await Promise.all(
      CALLS.map((call) => caller.run(call, () => catalog.get(`/${call}`))),
    );
    expect(upstream.accepted).toBe(1);
    expect([...callers]).toEqual(CALLS.map((call) => [`/${call}`, call]));
  });

  it('is kept after a redirect', async () => {
    const callers = callersOfRequests();
    const { catalog } = await oneConnection();
    await Promise.all(
      CALLS.map((call) => caller.run(call, () => catalog.get(`/old/${call}`))),
    );
    for (const call of CALLS) {
      expect(callers.get(`/old/${call}`)).toBe(call);
      expect(callers.get(`/new/${call}`)).toBe(call);
    }
  });

  it('is kept in the events of a stream', async () => {
    const { catalog } = await oneConnection();
    const seen = await Promise.all(
      CALLS.map((call) =>
        caller.run(call, async () => {
          const { data } = await catalog.get<Readable>(`/${call}`, {
            responseType: 'stream',
          });
          const callers: (number | undefined)[] = [];
          data.on('data', () => callers.push(caller.getStore()));
          await new Promise((ended) => {
            data.once('end', () => {
              callers.push(caller.getStore());
              ended(undefined);
            });
          });
          return callers;
        }),
      ),
    );
    expect(seen.map((callers) => [...new Set(callers)])).toEqual(
      CALLS.map((call) => [call]),
    );
  });

  it('is kept in the hooks of a call', async () => {
    const { catalog } = await oneConnection();
    const seen = new Map<number, Set<number | undefined>>();
    await Promise.all(
      CALLS.map((call) =>
        caller.run(call, () => {
          const callers = new Set<number | undefined>();
          seen.set(call, callers);
          return catalog.get(`/old/${call}`, {
            validateStatus: () => Boolean(callers.add(caller.getStore())),
            beforeRedirect: () => void callers.add(caller.getStore()),
          });
        }),
      ),
    );
    for (const call of CALLS) expect([...seen.get(call)!]).toEqual([call]);
  });
});
