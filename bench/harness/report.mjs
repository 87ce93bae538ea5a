import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { barChart } from './bar-chart.mjs';
import { markdown } from './markdown.mjs';
import { judgedRows } from './rows.mjs';

function write(file, text) {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, text);
}

/**
 * Writes what was measured so far wherever the command line wants it. Called
 * after each suite, so that a run that breaks loses nothing but the rest.
 *
 * @param files `{ json, charts, markdown }`, each a path or nothing
 */
export function writeReport(files, { machine, versions, parts }) {
  const rows = judgedRows(parts.flatMap((part) => part.rows));
  if (files.json) {
    const seconds = Object.fromEntries(
      parts.map((part) => [part.name, Math.round(part.seconds)]),
    );
    const text = JSON.stringify({ machine, versions, seconds, rows }, null, 2);
    write(files.json, `${text}\n`);
  }
  if (files.charts) {
    for (const table of parts.flatMap((part) => part.tables)) {
      write(resolve(files.charts, `${table.id}.svg`), barChart(table));
    }
  }
  if (files.markdown) {
    const charts =
      files.charts &&
      relative(dirname(resolve(files.markdown)), resolve(files.charts));
    write(files.markdown, markdown({ machine, versions, rows, parts, charts }));
  }
}
