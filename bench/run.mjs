import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { barChart } from './harness/bar-chart.mjs';
import { commandLine, USAGE } from './harness/command-line.mjs';
import { machine } from './harness/machine.mjs';
import { markdown } from './harness/markdown.mjs';
import { judgedRows } from './harness/rows.mjs';
import { cellsOf, cellsOfRows, textTable } from './harness/text-table.mjs';
import { versions } from './harness/versions.mjs';
import * as decisions from './suites/decisions.mjs';
import * as inbound from './suites/inbound.mjs';
import * as memory from './suites/memory.mjs';
import * as outbound from './suites/outbound.mjs';
import * as startup from './suites/startup.mjs';

const suites = { decisions, memory, inbound, outbound, startup };

async function measure(names, options) {
  const parts = [];
  for (const name of names) {
    const { title, run } = suites[name];
    console.log(`\n# ${title}`);
    const startMs = performance.now();
    const { tables, rows } = await run(options);
    for (const table of tables) {
      console.log(`\n${table.title}\n${textTable(cellsOf(table))}`);
    }
    const seconds = (performance.now() - startMs) / 1000;
    console.log(`\n(${seconds.toFixed(0)} s)`);
    parts.push({ name, title, tables, rows });
  }
  return parts;
}

function write(file, text) {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, text);
}

async function main(options) {
  const about = { machine: machine(), versions: versions() };
  console.log({ ...about.machine, ...about.versions });
  const parts = await measure(options.suites, options);
  const rows = judgedRows(parts.flatMap((part) => part.rows));
  console.log(`\n# Targets\n\n${textTable(cellsOfRows(rows))}`);
  if (options.json) {
    write(options.json, `${JSON.stringify({ ...about, rows }, null, 2)}\n`);
  }
  if (options.charts) {
    for (const table of parts.flatMap((part) => part.tables)) {
      write(resolve(options.charts, `${table.id}.svg`), barChart(table));
    }
  }
  if (options.markdown) {
    const charts =
      options.charts &&
      relative(dirname(resolve(options.markdown)), resolve(options.charts));
    write(options.markdown, markdown({ ...about, rows, parts, charts }));
  }
}

/** What was asked for, or nothing after saying what is allowed. */
function asked() {
  try {
    return commandLine(process.argv.slice(2), Object.keys(suites));
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exitCode = 1;
    return undefined;
  }
}

const options = asked();
if (options) await main(options);
