import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where a command writes. */
export interface Terminal {
  /** A line of the result. */
  print(line: string): void;
  /** A line about what went wrong. */
  complain(line: string): void;
  /** In colour where someone looks at it. */
  paint(style: Style, text: string): string;
  /** Whether someone looks at what goes to the error stream, such as a progress bar. */
  readonly isWatched: boolean;
}

type Streams = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env'>;

/** Colours only on a terminal, and never under NO_COLOR (https://no-color.org). */
export function terminal({ stdout, stderr, env }: Streams): Terminal {
  const inColour = stdout.isTTY === true && !env.NO_COLOR;
  return {
    print: (line) => void stdout.write(`${line}\n`),
    complain: (line) => void stderr.write(`${line}\n`),
    paint: (style, text) => (inColour ? styleText(style, text) : text),
    isWatched: stderr.isTTY === true,
  };
}
