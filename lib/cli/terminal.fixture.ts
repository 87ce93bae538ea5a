import { Readable } from 'node:stream';
import { Terminal } from './terminal.js';

/** A terminal that remembers what was written to it. */
export function recordingTerminal(input: string | Buffer = ''): Terminal & {
  readonly printed: string[];
  readonly complaints: string[];
  readonly told: string[];
} {
  const printed: string[] = [];
  const complaints: string[] = [];
  const told: string[] = [];
  return {
    stdin: Readable.from([Buffer.from(input)]),
    printed,
    complaints,
    told,
    print: (line) => void printed.push(line),
    complain: (line) => void complaints.push(line),
    tell: (line) => void told.push(line),
    paint: (_, text) => text,
    progress: () => ({ add: () => {}, end: () => {} }),
  };
}
