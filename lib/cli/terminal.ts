import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { Readable } from 'node:stream';
import { styleText } from 'node:util';
import { printable } from '../config/format/text.js';

type Style = Parameters<typeof styleText>[0];

/** How far something long has come. */
export interface Progress {
  add(amount: number): void;
  end(): void;
}

/** Where a command reads and writes. */
export interface Terminal {
  readonly stdin: Readable;
  /** A line of the result. */
  print(line: string): void;
  /** A line about what went wrong. */
  complain(line: string): void;
  /** A line that is good to know, and left out under `--quiet`. */
  tell(line: string): void;
  /** In colour where someone looks at it. */
  paint(style: Style, text: string): string;
  /** Shows progress on the error stream where someone looks at it. */
  progress(total: number | undefined): Progress;
}

type Streams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>;

const UNSEEN: Progress = { add: () => {}, end: () => {} };

/** Colours only on a terminal, and never under NO_COLOR (https://no-color.org). */
export function processTerminal(
  { stdin, stdout, stderr, env }: Streams,
  isQuiet: () => boolean = () => false,
): Terminal {
  const inColour = stdout.isTTY === true && !env.NO_COLOR;
  return {
    get stdin() {
      return stdin;
    },
    print: (line) => void stdout.write(`${visible(line, inColour)}\n`),
    complain: (line) => void stderr.write(`${visible(line, inColour)}\n`),
    tell: (line) => {
      if (!isQuiet()) stderr.write(`${visible(line, inColour)}\n`);
    },
    paint: (style, text) => (inColour ? styleText(style, text) : text),
    progress: (total) =>
      stderr.isTTY === true && total !== undefined && !isQuiet()
        ? progressBar(total, stderr)
        : UNSEEN,
  };
}

const ESCAPE = String.fromCharCode(0x1b);
/** Our own ends of lines and colours; whatever else a terminal acts on came from a file, and is shown. */
const OURS = new RegExp(`(\\n|${ESCAPE}\\[\\d+m)`);
const OUR_LINES = /(\n)/;

function visible(text: string, inColour: boolean): string {
  return text
    .split(inColour ? OURS : OUR_LINES)
    .map((part, i) => (i % 2 === 1 ? part : printable(part, Infinity)))
    .join('');
}

/** What a cell of a table may be long. */
const LONGEST_CELL = 500;

/** Ends the process where whoever reads has stopped reading, as `head` does: there is nobody to tell. */
export function endWithReader({
  stdout,
  stderr,
  exit,
}: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'exit'>): void {
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      exit();
    });
  }
}

function progressBar(total: number, stream: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({ clearOnComplete: true, stream });
  bar.start(total, 0);
  return {
    add: (amount) => void bar.increment(amount),
    end: () => void bar.stop(),
  };
}

/** A box around more rows helps nobody, and cli-table3 takes minutes to draw it. */
const MOST_BOXED = 500;

/** A table for people; a long one is columns alone. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { paint }: Terminal,
): string {
  const shown = rows.map((row) =>
    row.map((cell) => printable(cell, LONGEST_CELL)),
  );
  if (rows.length > MOST_BOXED) return textColumns([head, ...shown]);
  const table = new Table({
    head: head.map((title) => paint('bold', title)),
    // Its own colours don't ask whether anyone looks.
    style: { head: [], border: [], compact: true },
  });
  for (const row of shown) table.push(row);
  return table.toString();
}

function textColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `1 error`, `2 errors`. */
export function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
