import { printable } from '../../config/format/text.js';

/** An error's message on one line of bounded length: it may contain what a caller sent. */
export function loggable(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
