import { printable } from '../../config/words/printable.js';

/** An error's message on one line of bounded length: it may hold what a caller sent. */
export function loggable(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
