import { readFileSync } from 'node:fs';
import { cellsOf, cellsOfRows } from './text-table.mjs';
import { targets } from '../targets.mjs';

const INTRODUCTION = new URL('../introduction.md', import.meta.url);
const SHORTFALLS = new URL('../shortfalls.md', import.meta.url);
const CAVEATS = new URL('../caveats.md', import.meta.url);

/** The first `texts` columns hold words, the others figures. */
function markdownTable([head, ...body], texts = 1) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, column) => (column < texts ? '---' : '---:'));
  return [line(head), line(rule), ...body.map(line)].join('\n');
}

/** The targets with a column that says what each id means. */
function targetsTable(rows) {
  const meaning = new Map(targets.map(({ id, what }) => [id, what]));
  const [head, ...body] = cellsOfRows(rows);
  const cells = [
    [...head.slice(0, 1), 'what', ...head.slice(1)],
    ...body.map(([id, ...rest]) => [`\`${id}\``, meaning.get(id), ...rest]),
  ];
  return markdownTable(cells, 2);
}

function section({ title, tables }, charts) {
  const parts = tables.map((table) =>
    [
      `### ${table.title}`,
      ...(charts ? [`![${table.title}](${charts}/${table.id}.svg)`] : []),
      markdownTable(cellsOf(table)),
    ].join('\n\n'),
  );
  return [`## ${title}`, ...parts].join('\n\n');
}

/** The page of results: targets and what falls short of them, tables, charts, versions, how to repeat and what to mind. */
export function markdown({ machine, versions, rows, parts, charts }) {
  const { processor, cores, memoryGiB, system, date } = machine;
  return [
    '# Benchmarks',
    readFileSync(INTRODUCTION, 'utf8').trim(),
    `Measured on ${date}: ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${versions.node}.`,
    '## Targets',
    targetsTable(rows),
    '## What falls short, and why',
    readFileSync(SHORTFALLS, 'utf8').trim(),
    ...parts.map((part) => section(part, charts)),
    '## What to mind',
    readFileSync(CAVEATS, 'utf8').trim(),
    '## Versions',
    markdownTable([['package', 'version'], ...Object.entries(versions)]),
    '',
  ].join('\n\n');
}
