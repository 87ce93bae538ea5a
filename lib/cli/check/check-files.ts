import { ThrottleConfigError } from '../../config/fault.js';
import { loadConfiguration } from '../load/load-configuration.js';
import { Loaded, Remark } from '../load/loaded.js';
import { Terminal } from '../terminal.js';
import { report } from './report.js';
import { summary } from './summary.js';

export interface CheckOptions {
  readonly strict?: boolean;
  readonly json?: boolean;
}

interface Checked {
  readonly file: string;
  readonly loaded?: Loaded;
  readonly remarks: readonly Remark[];
}

/** Checks each file and tells about it; returns 1 where one has errors, or warnings under `strict`. */
export async function checkFiles(
  files: readonly string[],
  { strict = false, json = false }: CheckOptions,
  terminal: Terminal,
): Promise<number> {
  const checked: Checked[] = [];
  for (const file of files) checked.push(await checkFile(file));
  if (json) terminal.print(JSON.stringify(checked.map(asJson), undefined, 2));
  else
    for (const { file, loaded, remarks } of checked)
      report(file, loaded?.options, remarks, terminal);
  const isBad = ({ severity }: Remark) =>
    severity === 'error' || (strict && severity === 'warning');
  return checked.some(({ remarks }) => remarks.some(isBad)) ? 1 : 0;
}

async function checkFile(file: string): Promise<Checked> {
  try {
    const loaded = await loadConfiguration(file);
    return { file, loaded, remarks: loaded.remarks };
  } catch (error) {
    if (!(error instanceof ThrottleConfigError)) throw error;
    return { file, remarks: error.faults.map(asRemark) };
  }
}

function asRemark({
  path,
  found,
  allowed,
  isSentence,
}: ThrottleConfigError['faults'][number]): Remark {
  if (isSentence) {
    const fix = 'Mend the file, or name another one.';
    const at = { subject: path, path, enforced: found, fix };
    return { code: 'fault', severity: 'error', ...at };
  }
  return {
    code: 'fault',
    severity: 'error',
    subject: path,
    path,
    written: found,
    enforced: 'Nothing: the application does not start.',
    fix: `Allowed: ${allowed}.`,
  };
}

function asJson({ file, loaded, remarks }: Checked) {
  return {
    file,
    kind: loaded?.kind,
    ...(loaded && summary(loaded.options)),
    findings: remarks,
  };
}
