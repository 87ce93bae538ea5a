import { TrafficRequest } from './request.js';

/** A load that is described instead of recorded. */
export interface Load {
  readonly rps: number;
  readonly clients: number;
  readonly forMs: number;
  /** `GET /products/{id}`, each as likely as the others. */
  readonly endpoints: readonly string[];
  readonly seed: number;
}

/** Makes traffic that arrives at random, as that of many independent callers does; one seed makes the same again. */
export function makeTraffic(
  { rps, clients, forMs, endpoints, seed }: Load,
  sink: (request: TrafficRequest) => void,
): void {
  const random = randomFrom(seed);
  const targets = endpoints.map((endpoint) => {
    const [method, path] = endpoint.split(' ');
    return { method, path: path.replaceAll(/\{[^{}/]+\}|:\w+/g, '1') };
  });
  for (let atMs = 0; ;) {
    // The time between arrivals of a Poisson process.
    atMs += (-Math.log(1 - random()) * 1000) / rps;
    if (atMs >= forMs) return;
    const client = Math.floor(random() * clients) + 1;
    const target = targets[Math.floor(random() * targets.length)];
    sink({ atMs, ...target, address: `client-${client}` });
  }
}

/** Numbers from 0 to below 1: mulberry32 by Tommy Ettinger. */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
