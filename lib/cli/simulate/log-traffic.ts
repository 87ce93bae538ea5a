import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { readLogLine } from './log-line.js';
import { ReplayedRequest } from './request.js';

/** Lines that were no requests. */
export interface BadLines {
  count: number;
  /** The number of the first. */
  first?: number;
}

const SECOND_MS = 1000;

/**
 * Reads an access log as it streams, however large. Most logs know whole
 * seconds only: requests of one second are spread over it evenly, for together
 * they would look like a burst that never was.
 *
 * @param onBytes how much was read so far
 */
export async function readLog(
  file: string,
  sink: (request: ReplayedRequest) => void,
  onBytes: (bytes: number) => void,
): Promise<BadLines> {
  const stream = createReadStream(file);
  const bad: BadLines = { count: 0 };
  let second: ReplayedRequest[] = [];
  const flush = () => {
    second.forEach((request, i) =>
      sink({
        ...request,
        atMs: request.atMs + (i * SECOND_MS) / second.length,
      }),
    );
    second = [];
  };
  let number = 0;
  for await (const line of createInterface({
    input: stream,
    crlfDelay: Infinity,
  })) {
    number++;
    if (line.trim() === '') continue;
    const request = readLogLine(line);
    if (!request) {
      bad.count++;
      bad.first ??= number;
      continue;
    }
    if (second.length > 0 && second[0].atMs !== request.atMs) flush();
    if (request.atMs % SECOND_MS === 0) second.push(request);
    else sink(request);
    if (number % 10_000 === 0) onBytes(stream.bytesRead);
  }
  flush();
  return bad;
}
