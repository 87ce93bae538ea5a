import { faultText, ThrottleConfigError } from '../config/fault.js';
import { printable } from '../config/format/text.js';
import { seeDocs } from '../core/docs-address.js';
import { CommandError } from './files.js';
import { CheckedFileJson, jsonText, Remark } from './json-output.js';
import {
  LoadedConfiguration,
  loadConfiguration,
} from './load-configuration.js';
import { Summary, summary } from './summary.js';
import { counted, Terminal, textTable } from './terminal.js';

export interface CheckOptions {
  readonly strict?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** No line is longer, whatever stands in a file. */
const LONGEST_LINE = 4_000;

type Severity = Remark['severity'];

interface Checked {
  readonly file: string;
  readonly kind?: LoadedConfiguration['kind'];
  readonly summary?: Summary;
  readonly remarks: readonly Remark[];
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];
const COLOURS = { error: 'red', warning: 'yellow', note: 'cyan' } as const;

/** Checks each file and tells about it; returns 1 where one has errors, or warnings under `strict`. */
export async function checkFiles(
  files: readonly string[],
  { strict = false, json = false, quiet = false }: CheckOptions,
  terminal: Terminal,
): Promise<number> {
  const failing = (severity: Severity) =>
    severity === 'error' || (strict && severity === 'warning');
  const checked: Checked[] = [];
  for (const file of files) checked.push(await checkFile(file, terminal));
  if (json) terminal.print(jsonText(checked.map(asJson)));
  else
    for (const each of checked)
      report(each, quiet ? failing : undefined, terminal);
  return checked.some(({ remarks }) =>
    remarks.some(({ severity }) => failing(severity)),
  )
    ? 1
    : 0;
}

async function checkFile(file: string, { stdin }: Terminal): Promise<Checked> {
  try {
    const { kind, options, remarks } = await loadConfiguration(file, stdin);
    return { file, kind, summary: summary(options), remarks };
  } catch (error) {
    if (error instanceof CommandError) {
      return { file, remarks: [fault(file, error.message)] };
    }
    if (!(error instanceof ThrottleConfigError)) throw error;
    return {
      file,
      remarks: error.faults.map((each) => {
        const { path, found, allowed } = each;
        return fault(path, faultText(each), found, allowed);
      }),
    };
  }
}

/** What is wrong with a file, in one sentence. */
function fault(
  path: string,
  sentence: string,
  written?: string,
  fix = '',
): Remark {
  return {
    code: 'fault',
    severity: 'error',
    subject: sentence,
    path,
    written,
    enforced: 'Nothing: the application does not start.',
    fix,
  };
}

function asJson({ file, kind, summary, remarks }: Checked): CheckedFileJson {
  const [error, warning, note] = SEVERITIES.map((s) => countOf(remarks, s));
  return {
    file,
    kind,
    ...summary,
    findings: remarks.map(
      ({ code, severity, subject, path, written, enforced, fix }) => ({
        code,
        severity,
        subject,
        path,
        written,
        enforced,
        fix,
      }),
    ),
    counts: { error, warning, note },
  };
}

function countOf(remarks: readonly Remark[], severity: Severity): number {
  return remarks.filter((remark) => remark.severity === severity).length;
}

/** Prints what a file enforces and what there is to say about it; of a quiet check, only what makes it fail. */
function report(
  { file, kind, summary, remarks }: Checked,
  only: ((severity: Severity) => boolean) | undefined,
  terminal: Terminal,
): void {
  const shown = only
    ? remarks.filter(({ severity }) => only(severity))
    : remarks;
  if (only && shown.length === 0) return;
  terminal.print(terminal.paint('bold', printable(file)));
  if (summary && !only) printTables(summary, terminal);
  const page = kind === 'krakend' ? 'krakend-findings' : 'findings';
  for (const severity of SEVERITIES) {
    const those = shown.filter((remark) => remark.severity === severity);
    printRemarks(those, page, terminal);
  }
  const counts = SEVERITIES.map((severity) =>
    counted(countOf(remarks, severity), severity),
  );
  terminal.print(`${counts.join(', ')}\n`);
}

function printTables({ endpoints, backends }: Summary, terminal: Terminal) {
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
function printRemarks(
  remarks: readonly Remark[],
  page: 'findings' | 'krakend-findings',
  terminal: Terminal,
): void {
  const same = new Map<string, Remark[]>();
  for (const remark of remarks) {
    const about = remark.code === 'fault' ? remark.subject : remark.written;
    const said = `${remark.code} ${about} ${remark.enforced}`;
    const others = same.get(said);
    if (others) others.push(remark);
    else same.set(said, [remark]);
  }
  for (const [first, ...others] of same.values()) {
    const { code, severity, subject, path, written, enforced, fix } = first;
    const more =
      others.length > 0 ? ` and ${counted(others.length, 'more place')}` : '';
    const said = `${terminal.paint(COLOURS[severity], severity)} ${code}: ${printable(subject, LONGEST_LINE)}${more}`;
    terminal.print(said);
    const line = (label: string, text: string) =>
      terminal.print(`  ${label} ${printable(text, LONGEST_LINE)}`);
    // Its sentence says all of it.
    if (code === 'fault') continue;
    line('at', path);
    if (written !== undefined) line('written: ', written);
    line('enforced:', enforced);
    line('instead: ', fix);
    terminal.print(`  ${seeDocs(page, code)}`);
  }
}
