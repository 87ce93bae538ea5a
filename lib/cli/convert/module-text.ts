import { KrakendImport } from '../../krakend/from-krakend.js';
import { KrakendFinding } from '../../krakend/krakend-finding.js';
import { Comments, literal } from './literal.js';

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
  return `// ${severity} ${code}: ${commentText(`${written}. ${enforced} ${fix}`)}`;
}

/** A comment ends with its line, and JavaScript knows four ends of a line. */
function commentText(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ');
}
