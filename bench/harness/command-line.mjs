import { parseArgs } from 'node:util';

export const USAGE = `node bench/run.mjs [NAME…] [--quick] [--json FILE] [--markdown FILE] [--charts DIR]`;

/**
 * Reads what to run and where to write.
 *
 * @throws Error that names what is allowed
 */
export function commandLine(args, names) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      markdown: { type: 'string' },
      charts: { type: 'string' },
    },
  });
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `no benchmark "${unknown.join('", "')}"; there are: ${names.join(', ')}`,
    );
  }
  const chosen = names.filter((name) => positionals.includes(name));
  return { ...values, suites: chosen.length > 0 ? chosen : names };
}
