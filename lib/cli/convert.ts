import { basename } from 'node:path';
import { printable } from '../config/format/text.js';
import { KrakendImport } from '../krakend/from-krakend.js';
import { KrakendFinding } from '../krakend/krakend-finding.js';
import { fileName, requireWritable, writeText } from './files.js';
import { loadKrakend } from './load-configuration.js';
import { counted, Terminal } from './terminal.js';
import { seeDocs } from '../core/docs-address.js';

/**
 * Writes a KrakenD file as a TypeScript module; returns 1 where it has errors,
 * which stand in the module as comments.
 *
 * @throws CommandError when a file cannot be read or written
 * @throws ThrottleConfigError when it is no KrakenD file
 */
export async function convertFile(
  file: string,
  out: string | undefined,
  terminal: Terminal,
): Promise<number> {
  if (out !== undefined) requireWritable(out);
  const imported = await loadKrakend(file, terminal.stdin);
  const written = moduleText(basename(fileName(file)), imported);
  const { findings } = imported;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (out === undefined) terminal.print(written.trimEnd());
  else {
    writeText(out, written);
    terminal.tell(
      `${out}: written, with ${counted(findings.length, 'finding')} as comments`,
    );
  }
  if (errors > 0) {
    terminal.complain(
      `${printable(fileName(file))}: ${counted(errors, 'error')}; search the module for "// error"`,
    );
  }
  return errors > 0 ? 1 : 0;
}

/** A TypeScript module that exports the imported configuration, with each finding where it belongs. */
export function moduleText(
  file: string,
  { options, findings, backends }: KrakendImport,
): string {
  const comments: Comments = new Map();
  const functions = new Set<string>();
  const general = findings.filter(
    (finding) => !placed(finding, backends, comments),
  );
  const body = literal(options, comments, functions);
  return [
    `// The protection of ${commentText(file)}, as KrakenD enforces it.`,
    "import type { ThrottleOptions } from 'nestjs-floodgate';",
    ...(functions.size > 0
      ? [
          `import { ${[...functions].toSorted().join(', ')} } from 'nestjs-floodgate/krakend';`,
        ]
      : []),
    '',
    ...general.map(comment),
    `export const options: ThrottleOptions = ${body};`,
    '',
    'export default options;',
    '',
  ].join('\n');
}

/** Gives a finding to the backend or route it is about; false where it is about the whole. */
function placed(
  finding: KrakendFinding,
  uses: KrakendImport['backends'],
  comments: Comments,
): boolean {
  if (finding.subject === 'service') return false;
  const index = /^endpoints\[\d+\]\.backend\[(\d+)\]/.exec(finding.path)?.[1];
  const use = uses.find(
    ({ key, index: i }) => key === finding.subject && String(i) === index,
  );
  const path = use?.backend.includes(':')
    ? `backends\n${use.backend}`
    : `routes\n${finding.subject}`;
  comments.set(path, [...(comments.get(path) ?? []), comment(finding)]);
  return true;
}

function comment(finding: KrakendFinding): string {
  const { severity, code, written, enforced, fix } = finding;
  const see = seeDocs('krakend-findings', code);
  return `// ${severity} ${code}: ${commentText(`${written}. ${enforced} ${fix} ${see}`)}`;
}

/** A comment ends with its line, and what an editor does not show must not make it look like code. */
function commentText(text: string): string {
  return printable(text, Infinity);
}

/** Lines to stand before a key, by the path of the key, its steps apart by line breaks. */
type Comments = Map<string, string[]>;

/** A value as TypeScript; functions as they are named, and their makers collected in `functions`. */
function literal(
  value: unknown,
  comments: Comments,
  functions: Set<string>,
  path = '',
): string {
  if (typeof value === 'function') {
    functions.add(/^\w+/.exec(value.name)![0]);
    return value.name;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => literal(item, comments, functions));
    return `[${items.join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    return objectLiteral(value, comments, functions, path);
  }
  return typeof value === 'string' ? quoted(value) : String(value);
}

function objectLiteral(
  value: object,
  comments: Comments,
  functions: Set<string>,
  path: string,
): string {
  const lines = Object.entries(value).flatMap(([key, item]) => {
    const inner = path === '' ? key : `${path}\n${key}`;
    const name = /^[a-z]\w*$/i.test(key) ? key : quoted(key);
    return [
      ...(comments.get(inner) ?? []),
      `${name}: ${literal(item, comments, functions, inner)},`,
    ];
  });
  if (lines.length === 0) return '{}';
  return `{\n${lines.join('\n').replaceAll(/^/gm, '  ')}\n}`;
}

function quoted(text: string): string {
  const json = JSON.stringify(text);
  // What is escaped there stands in a string of JavaScript for the same character.
  const shown = printable(json, Infinity);
  return /['\\]/.test(text) || shown !== `"${text}"` ? shown : `'${text}'`;
}
