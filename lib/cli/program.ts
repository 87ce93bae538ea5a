import { createRequire } from 'node:module';
import {
  Argument,
  Command,
  CommanderError,
  InvalidArgumentError,
  Option,
} from 'commander';
import { faultText, ThrottleConfigError } from '../config/fault.js';
import { printable } from '../config/format/text.js';
import { parseDurationMs } from '../core/time/duration.js';
import { checkFiles, CheckOptions } from './check.js';
import { completionScript } from './completion.js';
import { convertFile } from './convert.js';
import { CommandError, expandPatterns, STANDARD_INPUT } from './files.js';
import {
  JSON_COMMANDS,
  JsonCommand,
  jsonText,
  outputSchema,
} from './json-output.js';
import { simulate, SimulateOptions } from './simulate/simulate.js';
import { Terminal } from './terminal.js';

/** Everything is as it should be. */
const OK = 0;
/** A configuration or a log has errors. */
const FAILED = 1;
/** The command line itself is wrong. */
const USAGE = 2;

/** What a program is run with: a terminal, and whether anybody wants more than the result. */
export type TerminalMaker = (isQuiet: () => boolean) => Terminal;

/**
 * Runs one command line.
 *
 * @returns the exit code: 0, or 1 where a configuration has errors, or 2 where the command line has
 */
export async function program(
  args: readonly string[],
  terminalOf: TerminalMaker,
): Promise<number> {
  let code = OK;
  const root = new Command('floodgate');
  const isQuiet = () => root.opts<{ quiet?: boolean }>().quiet === true;
  const terminal = terminalOf(isQuiet);
  root
    .description('Looks at configurations of nestjs-floodgate and of KrakenD.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('-q, --quiet', 'leave out tables, notes and progress')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
      // A shell puts names of files among the arguments.
      outputError: (text, write) => write(shownArguments(text, args)),
    });
  root
    .command('check')
    .summary('show what files enforce, and what is wrong with them')
    .description(
      'Shows the effective limits, breakers and timeouts of each file, and what is wrong or doubtful about it.',
    )
    .argument(
      '<files...>',
      'files of KrakenD (JSON, YAML) or of this library (JSON, YAML, a module with a default export); patterns such as "config/*.json"; - for the standard input',
    )
    .option('--strict', 'exit with 1 on warnings too')
    .option('--json', 'print JSON; see floodgate schema check')
    .action(async (files: string[], options: CheckOptions) => {
      const all = await expandPatterns(files);
      const quiet = isQuiet();
      code = await checkFiles(all, { ...options, quiet }, terminal);
    });
  root
    .command('convert')
    .summary('write a KrakenD file as a TypeScript module')
    .description(
      'Writes a KrakenD file as a TypeScript module, with the findings as comments.',
    )
    .argument(
      '<file>',
      'a file of KrakenD (JSON, YAML); - for the standard input',
    )
    .option(
      '-o, --out <file>',
      'where to write; the standard output unless given',
    )
    .action(async (file: string, options: { out?: string }) => {
      code = await convertFile(file, options.out, terminal);
    });
  addSimulate(root, terminal);
  root
    .command('schema')
    .summary('print the JSON Schema of what --json prints')
    .description(
      'Prints the JSON Schema of what a command prints under --json.',
    )
    .addArgument(
      new Argument('<command>', 'the command').choices(JSON_COMMANDS),
    )
    .action((command: JsonCommand) =>
      terminal.print(jsonText(outputSchema(command))),
    );
  root
    .command('completion')
    .summary('print a script that completes command lines')
    .description('Prints a script that completes command lines in a shell.')
    .addArgument(
      new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']),
    )
    .action((shell: string) =>
      terminal.print(completionScript(root, shell).trimEnd()),
    );
  try {
    await root.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode && USAGE;
    const isExpected =
      error instanceof CommandError || error instanceof ThrottleConfigError;
    if (!isExpected) throw error;
    terminal.complain(errorText(error));
    return FAILED;
  }
}

const LOG_FORMATS =
  'common, combined, vhost_combined, JSON lines (nginx, Caddy, Traefik, pino-http, nestjs-pino, Fastify, Google Cloud, Cloudflare and others), HAProxy, Envoy, Istio, ALB, ELB, CloudFront, W3C, KrakenD, morgan; each also inside what Docker, Kubernetes, Compose or syslog put around it';

function addSimulate(root: Command, terminal: Terminal): void {
  root
    .command('simulate')
    .summary('replay access logs through the limits of a configuration')
    .description(
      'Replays access logs, or a load that is described, through the limits of a configuration.',
    )
    .argument('<configuration>', 'as for check')
    .argument(
      '[logs...]',
      'access logs in any common format, also packed by gzip; several are merged by time; - for the standard input',
    )
    .option(
      '--rps <number>',
      'requests a second: of a load without a log, or in place of the times of a log',
      positive,
    )
    .option('--clients <number>', 'so many clients send the load', whole, 1)
    .option('--for <duration>', 'the load lasts so long', duration, '1m')
    .option(
      '--endpoint <endpoints...>',
      'the load goes to these, such as "GET /products/1"; to all routes unless given',
      endpoints,
    )
    .option('--seed <number>', 'another one makes another load', Number, 1)
    .option('--chart <file>', 'draw admitted and refused over time, as SVG')
    .option(
      '--suggest <share>',
      'propose limits that refuse at most this share, such as 1%',
      share,
    )
    .addOption(
      new Option(
        '--framework <name>',
        'match paths as this one does: Express takes any case of letters and a slash at the end',
      )
        .choices(['express', 'fastify'])
        .default('express'),
    )
    .option('--json', 'print JSON; see floodgate schema simulate')
    .addHelpText('after', `\nFormats of logs: ${LOG_FORMATS}`)
    .action(
      async (
        configuration: string,
        logs: string[],
        options: SimulateOptions,
        command: Command,
      ) => {
        if (logs.length === 0 && options.rps === undefined) {
          command.error('error: name an access log, or a load with --rps');
        }
        const inputs = [configuration, ...logs];
        if (inputs.filter((file) => file === STANDARD_INPUT).length > 1) {
          command.error('error: the standard input can be read only once');
        }
        const files = await expandPatterns(logs);
        const quiet = root.opts<{ quiet?: boolean }>().quiet === true;
        await simulate(configuration, files, { ...options, quiet }, terminal);
      },
    );
}

/** A message of the parser, which repeats arguments as they are. */
function shownArguments(message: string, args: readonly string[]): string {
  return args.reduce(
    (text, arg) => text.replaceAll(arg, () => printable(arg)),
    message,
  );
}

/** No message is longer, whatever a file holds or is called. */
const LONGEST_MESSAGE = 4_000;

/** Each fault on a line of its own. */
function errorText(error: Error): string {
  return error instanceof ThrottleConfigError
    ? error.faults.map(faultText).join('\n')
    : printable(error.message, LONGEST_MESSAGE);
}

function packageVersion(): string {
  const require = createRequire(import.meta.url);
  const { version } = require('nestjs-floodgate/package.json') as {
    version: string;
  };
  return version;
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
