import { Command, CommanderError } from 'commander';
import { ThrottleConfigError } from '../config/fault.js';
import { checkFiles } from './check/check-files.js';
import { convertFile } from './convert/convert-file.js';
import { addSimulate } from './simulate/simulate-command.js';
import { Terminal } from './terminal.js';

/** Everything is as it should be. */
const OK = 0;
/** The command line itself is wrong. */
const USAGE = 2;

/**
 * Runs one command line.
 *
 * @returns the exit code: 0, or 1 where a configuration has errors, or 2 where the command line has
 */
export async function program(
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  let code = OK;
  const root = new Command('floodgate')
    .description('Looks at configurations of nestjs-floodgate and of KrakenD.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
    });
  root
    .command('check')
    .description(
      'Shows the effective limits, breakers and timeouts of each file, and what is wrong or doubtful about it.',
    )
    .argument(
      '<files...>',
      'KrakenD files (JSON, YAML), or configurations of this library (JSON, YAML, a module with a default export)',
    )
    .option('--strict', 'exit 1 on warnings too')
    .option('--json', 'print JSON')
    .action(
      async (
        files: string[],
        options: { strict?: boolean; json?: boolean },
      ) => {
        code = await checkFiles(files, options, terminal);
      },
    );
  root
    .command('convert')
    .description(
      'Writes a KrakenD file as a TypeScript module, with the findings as comments.',
    )
    .argument('<file>', 'a KrakenD file (JSON, YAML)')
    .option(
      '-o, --out <file>',
      'where to write; the standard output unless given',
    )
    .action((file: string, options: { out?: string }) => {
      convertFile(file, options.out, terminal);
    });
  addSimulate(root, terminal);
  try {
    await root.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode && USAGE;
    if (!(error instanceof ThrottleConfigError)) throw error;
    terminal.complain(error.message);
    return 1;
  }
}
