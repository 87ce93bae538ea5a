import { unmeasured } from './rows.mjs';
import { cellsOf, textTable } from './text-table.mjs';

/**
 * Runs one suite and prints its tables. A suite that breaks does not keep the
 * others from running: its rows say so, and the run ends with exit code 1.
 */
export async function play(name, { title, run }, options) {
  console.log(`\n# ${title}`);
  const startMs = performance.now();
  const { tables, rows } = await run(options).catch((error) =>
    broken(name, error),
  );
  for (const table of tables) {
    console.log(`\n${table.title}\n${textTable(cellsOf(table))}`);
  }
  const seconds = (performance.now() - startMs) / 1000;
  console.log(`\n(${seconds.toFixed(0)} s)`);
  return { name, title, tables, rows, seconds };
}

function broken(name, error) {
  console.error(error);
  process.exitCode = 1;
  return { tables: [], rows: unmeasured(name, 'the suite broke') };
}
