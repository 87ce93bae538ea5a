import { Command, InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../../core/time/duration.js';
import { Terminal } from '../terminal.js';
import { simulate, SimulateOptions } from './simulate.js';

/** Adds `floodgate simulate` to the program. */
export function addSimulate(program: Command, terminal: Terminal): void {
  program
    .command('simulate')
    .description(
      'Replays an access log, or a load that is described, through the limits of a configuration.',
    )
    .argument('<configuration>', 'as for check')
    .argument(
      '[log]',
      'an access log: common or combined format, or JSON lines',
    )
    .option('--rps <number>', 'without a log: requests a second', positive)
    .option('--clients <number>', 'so many clients send them', whole, 1)
    .option('--for <duration>', 'for so long', duration, '1m')
    .option(
      '--endpoint <endpoints...>',
      'to these, such as "GET /products/1"; to all routes unless given',
      endpoints,
    )
    .option('--seed <number>', 'another one makes other traffic', Number, 1)
    .option('--chart <file>', 'draw admitted and refused over time, as SVG')
    .option(
      '--suggest <share>',
      'propose limits that refuse at most this share, such as 1%',
      share,
    )
    .action(
      async (
        configuration: string,
        log: string | undefined,
        options: SimulateOptions,
        command: Command,
      ) => {
        if ((log === undefined) === (options.rps === undefined)) {
          command.error('error: name an access log, or a load with --rps');
        }
        await simulate(configuration, log, options, terminal);
      },
    );
}

function positive(text: string): number {
  const number = Number(text);
  if (number > 0 && number < Infinity) return number;
  throw new InvalidArgumentError('A number above 0 is expected.');
}

function whole(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('A whole number from 1 is expected.');
}

function duration(text: string): string {
  try {
    if (parseDurationMs(text) > 0) return text;
  } catch {
    // Explained below, as one that is not above 0.
  }
  throw new InvalidArgumentError('A duration such as 90s or 10m is expected.');
}

function endpoints(text: string, before: string[] = []): string[] {
  if (/^[A-Z]+ \/\S*$/.test(text)) return [...before, text];
  throw new InvalidArgumentError(
    'A method and a path are expected, such as "GET /products/1".',
  );
}

/** `1%` or `0.01`. */
function share(text: string): number {
  const number = text.endsWith('%')
    ? Number(text.slice(0, -1)) / 100
    : Number(text);
  if (text !== '' && number >= 0 && number < 1) return number;
  throw new InvalidArgumentError('A share such as 1% or 0.01 is expected.');
}
