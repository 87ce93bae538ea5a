import { commandLine, USAGE } from './harness/command-line.mjs';
import { machine } from './harness/machine.mjs';
import { play } from './harness/play.mjs';
import { writeReport } from './harness/report.mjs';
import { judgedRows } from './harness/rows.mjs';
import { cellsOfRows, textTable } from './harness/text-table.mjs';
import { versions } from './harness/versions.mjs';
import * as decisions from './suites/decisions.mjs';
import * as inbound from './suites/inbound.mjs';
import * as memory from './suites/memory.mjs';
import * as outbound from './suites/outbound.mjs';
import * as redis from './suites/redis.mjs';
import * as startup from './suites/startup.mjs';

const suites = { decisions, memory, inbound, outbound, redis, startup };

function printTargets(parts) {
  const rows = judgedRows(parts.flatMap((part) => part.rows));
  console.log(`\n# Targets\n\n${textTable(cellsOfRows(rows))}`);
}

function printTimes(parts) {
  const rounded = (seconds) => `${Math.round(seconds)} s`;
  const each = parts.map(({ name, seconds }) => `${name} ${rounded(seconds)}`);
  const all = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`\n${each.join(', ')}: ${rounded(all)} in all`);
}

async function main(options) {
  const about = { machine: machine(), versions: versions() };
  console.log({ ...about.machine, ...about.versions });
  const parts = [];
  for (const name of options.suites) {
    parts.push(await play(name, suites[name], options));
    writeReport(options, { ...about, parts });
  }
  printTargets(parts);
  printTimes(parts);
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
