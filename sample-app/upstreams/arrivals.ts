import type { IncomingMessage } from 'node:http';
import { machineNowMs } from '../clock.js';

/** A caller may say in this header when it sent a request, in monotonic milliseconds of the machine. */
export const SENT_MS = 'x-sent-ms';

/** One request that reached an upstream. */
export interface Arrival {
  /** When it left its caller; when it arrived if the caller did not say. */
  sentMs: number;
  /** When it arrived. */
  atMs: number;
  /** Path and query. */
  path: string;
}

const MOST_KEPT = 20_000;

/** What reached an upstream: the full count, and the latest arrivals one by one. */
export class Arrivals {
  count = 0;
  private readonly latest: Arrival[] = [];

  record({ headers, url = '/' }: IncomingMessage): void {
    const atMs = machineNowMs();
    this.count++;
    this.latest.push({
      sentMs: Number(headers[SENT_MS] ?? atMs),
      atMs,
      path: url,
    });
    if (this.latest.length > MOST_KEPT) this.latest.shift();
  }

  list(): readonly Arrival[] {
    return this.latest;
  }
}
