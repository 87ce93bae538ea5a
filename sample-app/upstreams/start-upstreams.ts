import { fileURLToPath } from 'node:url';
import { Child } from '../processes/child.js';

/** The two upstreams, each in a process of its own. */
export interface Upstreams {
  catalog: Child;
  prices: Child;
}

export async function startUpstreams(): Promise<Upstreams> {
  const [catalog, prices] = await Promise.all(
    ['catalog', 'prices'].map((name) =>
      Child.start(fileURLToPath(new URL('main.js', import.meta.url)), [name]),
    ),
  );
  return { catalog, prices };
}
