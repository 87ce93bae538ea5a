import { durationText } from './duration-text.js';

/** Milliseconds as a duration: `1500ms`, `2s`. */
export function msText(ms: number): string {
  return ms === Infinity ? 'ever' : durationText(BigInt(Math.round(ms * 1e6)));
}
