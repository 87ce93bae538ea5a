import { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { Severity } from '../../krakend/krakend-finding.js';
import { Remark } from '../load/loaded.js';
import { Terminal } from '../terminal.js';
import { textTable } from '../text-table.js';
import { summary } from './summary.js';

/** Prints what a file enforces, and what there is to say about it. */
export function report(
  file: string,
  options: ThrottleOptions | undefined,
  remarks: readonly Remark[],
  terminal: Terminal,
): void {
  terminal.print(terminal.paint('bold', file));
  if (options) printTables(options, terminal);
  for (const severity of SEVERITIES) {
    printRemarks(
      remarks.filter((remark) => remark.severity === severity),
      terminal,
    );
  }
  const counts = SEVERITIES.map((severity) =>
    counted(remarks.filter((r) => r.severity === severity).length, severity),
  );
  terminal.print(`${counts.join(', ')}\n`);
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];
const COLOURS = { error: 'red', warning: 'yellow', note: 'cyan' } as const;

function printTables(options: ThrottleOptions, terminal: Terminal): void {
  const { endpoints, backends } = summary(options);
  if (endpoints.length > 0) {
    terminal.print(
      textTable(
        ['endpoint', 'all callers', 'each client', 'timeout'],
        endpoints.map((e) => [e.endpoint, e.limit, e.eachClient, e.timeout]),
        terminal,
      ),
    );
  }
  if (backends.length > 0) {
    terminal.print(
      textTable(
        ['backend', 'hosts', 'limit', 'breaker', 'timeout'],
        backends.map((b) => [
          b.backend,
          b.hosts.join(' '),
          b.limit,
          b.breaker,
          b.timeout,
        ]),
        terminal,
      ),
    );
  }
}

/** What is the same in many places is said once. */
function printRemarks(remarks: readonly Remark[], terminal: Terminal): void {
  const same = new Map<string, Remark[]>();
  for (const remark of remarks) {
    const said = `${remark.code} ${remark.written} ${remark.enforced}`;
    same.set(said, [...(same.get(said) ?? []), remark]);
  }
  for (const [first, ...others] of same.values()) {
    const { code, severity, subject, path, written, enforced, fix } = first;
    const more =
      others.length > 0 ? ` and ${counted(others.length, 'more place')}` : '';
    terminal.print(
      `${terminal.paint(COLOURS[severity], severity)} ${code}: ${subject}${more}`,
    );
    terminal.print(`  at ${path}`);
    if (written !== undefined) terminal.print(`  written:  ${written}`);
    terminal.print(`  enforced: ${enforced}`);
    terminal.print(`  instead:  ${fix}`);
  }
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
