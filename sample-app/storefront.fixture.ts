import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { createStorefront } from './storefront.js';
import type { Behaviour } from './upstreams/behaviour.js';
import { catalog } from './upstreams/catalog.js';
import { prices } from './upstreams/prices.js';
import { createUpstream, type Resource } from './upstreams/upstream.js';

const WAVE = 5;

/** The whole storefront within one process, for its spec. */
export class StorefrontUnderTest {
  private constructor(
    private readonly app: INestApplication,
    private readonly url: string,
    private readonly prices: RunningUpstream,
    private readonly catalog: RunningUpstream,
  ) {}

  static async start(): Promise<StorefrontUnderTest> {
    const [shelf, tags] = await Promise.all([listen(catalog), listen(prices)]);
    const app = await createStorefront(
      { catalog: shelf.url, prices: tags.url },
      { logger: false },
    );
    await app.listen(0, '127.0.0.1');
    const started = new StorefrontUnderTest(
      app,
      await app.getUrl(),
      tags,
      shelf,
    );
    // A first call loads and compiles; the timeout of prices is meant for later ones.
    await started.get('/products/2', 'the first customer');
    return started;
  }

  async stop(): Promise<void> {
    await this.app.close();
    await Promise.all([this.prices.close(), this.catalog.close()]);
  }

  get(path: string, apiKey = 'alice'): Promise<Response> {
    return fetch(this.url + path, { headers: { 'x-api-key': apiKey } });
  }

  /** So many calls, a few at a time. */
  async burst(
    count: number,
    path: string,
    apiKey?: string,
  ): Promise<Response[]> {
    const answers: Response[] = [];
    while (answers.length < count) {
      const wave = Array.from({ length: WAVE }, () => this.get(path, apiKey));
      answers.push(...(await Promise.all(wave)));
    }
    return answers;
  }

  async tellPrices(mode: Behaviour['mode']): Promise<void> {
    await fetch(`${this.prices.url}/control`, {
      method: 'POST',
      body: JSON.stringify({ mode }),
    });
  }

  /** How many calls reached prices. */
  async callsToPrices(): Promise<number> {
    const response = await fetch(`${this.prices.url}/control`);
    return ((await response.json()) as { requests: number }).requests;
  }
}

interface RunningUpstream {
  url: string;
  close(): Promise<void>;
}

async function listen(resource: Resource): Promise<RunningUpstream> {
  const server = createUpstream(resource);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
