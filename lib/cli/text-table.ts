import Table from 'cli-table3';
import { Terminal } from './terminal.js';

/** A table for people. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  terminal: Terminal,
): string {
  const table = new Table({
    head: head.map((title) => terminal.paint('bold', title)),
    // Its own colours do not ask whether anyone looks.
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}
