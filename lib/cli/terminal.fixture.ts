import { Terminal } from './terminal.js';

/** A terminal that remembers what was written to it. */
export function recordingTerminal(): Terminal & {
  readonly printed: string[];
  readonly complaints: string[];
} {
  const printed: string[] = [];
  const complaints: string[] = [];
  return {
    printed,
    complaints,
    print: (line) => void printed.push(line),
    complain: (line) => void complaints.push(line),
    paint: (_, text) => text,
    isWatched: false,
  };
}
